import { HttpError, type HttpErrorOptions } from "../errors/http-error.ts";

/** What a failed model call means for whoever waits for it. */
export interface ModelFailureOptions extends HttpErrorOptions {
  /** Whether the same call may succeed later. */
  retryable?: boolean;
}

/** A model call that gave no answer. */
export class ModelFailure extends HttpError {
  override name = "ModelFailure";
  readonly retryable: boolean;

  constructor(status: number, code: string, message: string, options: ModelFailureOptions = {}) {
    super(status, code, message, options);
    this.retryable = options.retryable ?? false;
  }
}
