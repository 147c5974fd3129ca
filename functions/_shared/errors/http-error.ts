/** What an error may carry beside its sentence. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Shown to the caller. */
  details?: unknown;
  /** What the caller can do about it. */
  hint?: string | null;
  /** When trying again may help; sent as the header `Retry-After`. */
  retryAfterSeconds?: number | null;
  /** The organization in which the database refused the call; for the audit log. */
  deniedIn?: string | null;
}

/** A failure the caller may see; anything else becomes a bare 500. */
export class HttpError extends Error {
  override name = "HttpError";
  readonly details: unknown;
  readonly hint: string | null;
  readonly retryAfterSeconds: number | null;
  readonly deniedIn: string | null;

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options: HttpErrorOptions = {},
  ) {
    super(message, options);
    this.details = options.details ?? null;
    this.hint = options.hint ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.deniedIn = options.deniedIn ?? null;
  }
}
