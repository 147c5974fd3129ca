import { HttpError, type HttpErrorOptions } from "../errors/http-error.ts";

/** Why an OAuth provider did not give what it was asked for, each with our own answer's status. */
const statuses = {
  /** The person said no. */
  access_denied: 403,
  /** The code or the refresh token is not taken (any more), or PKCE does not fit. */
  grant_refused: 400,
  /** The provider does not know our app, or its secret is wrong: for the operator. */
  client_refused: 502,
  /** What was asked of the provider is wrong in another way. */
  request_refused: 502,
  provider_unavailable: 503,
  provider_timeout: 504,
  provider_bad_answer: 502,
  /** The person granted less than was asked for. */
  scopes_missing: 403,
  /** It is not known whose account it is. */
  identity_unavailable: 502,
} as const;

export type OAuthFailureCode = keyof typeof statuses;

/** A provider's no, or its silence. The provider's own words are in the cause, for the log. */
export class OAuthFailure extends HttpError {
  override name = "OAuthFailure";

  constructor(
    override readonly code: OAuthFailureCode,
    message: string,
    options: HttpErrorOptions = {},
  ) {
    super(statuses[code], code, message, options);
  }
}

/**
 * Whether a refresh that failed so may succeed later. Our app's secret is the operator's to correct;
 * a token or a request that was refused will be refused again.
 */
export function isPassingFailure(error: unknown): boolean {
  return !(
    error instanceof OAuthFailure && ["grant_refused", "request_refused"].includes(error.code)
  );
}
