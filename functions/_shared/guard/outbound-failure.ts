import { HttpError, type HttpErrorOptions } from "../errors/http-error.ts";

/** Why a request that was allowed came to nothing. */
export type OutboundFailureCode =
  /** No connection, no TLS, or one that broke off. */
  | "outbound_unreachable"
  /** It took too long, as a whole or between two bytes. */
  | "outbound_timeout"
  /** What came back, or what was to be sent, is over its limit. */
  | "outbound_too_large"
  /** What came back is no HTTP. */
  | "outbound_bad_answer"
  /** Redirects without end, or one that would carry a body to another origin. */
  | "outbound_redirect_refused";

/** A request that passed the guard and gave no answer. */
export class OutboundFailure extends HttpError {
  override name = "OutboundFailure";

  constructor(code: OutboundFailureCode, message: string, options?: HttpErrorOptions) {
    super(code === "outbound_timeout" ? 504 : 502, code, message, options);
  }
}
