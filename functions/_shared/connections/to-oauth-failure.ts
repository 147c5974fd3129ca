import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
} from "oauth4webapi";
import { OutboundFailure } from "../guard/outbound-failure.ts";
import { retryAfterSeconds } from "../model/retry-delay.ts";
import { redact } from "../redact.ts";
import { OAuthFailure, type OAuthFailureCode } from "./oauth-failure.ts";

/** The error words of RFC 6749 (sections 4.1.2.1 and 5.2), and what Slack and GitHub say instead. */
const words: [OAuthFailureCode, RegExp][] = [
  ["access_denied", /^(access_denied|user_cancelled.*|consent_required)$/],
  [
    "grant_refused",
    /^(invalid_grant|invalid_code|code_already_used|bad_verification_code|bad_refresh_token|invalid_refresh_token|token_(revoked|expired)|account_inactive)$/,
  ],
  [
    "client_refused",
    /^(invalid_client(_id)?|unauthorized_client|bad_client_secret|incorrect_client_credentials|(bad_)?redirect_uri(_mismatch)?)$/,
  ],
  [
    "provider_unavailable",
    /^(server_error|temporarily_unavailable|slow_down|ratelimited|internal_error|fatal_error)$/,
  ],
];

const sentences: Record<OAuthFailureCode, (name: string) => string> = {
  access_denied: (name) => `Consent was not given at ${name}.`,
  grant_refused: (name) => `${name} no longer takes what it gave for this.`,
  client_refused: (name) => `${name} does not take our app's credentials.`,
  request_refused: (name) => `${name} refuses the request.`,
  provider_unavailable: (name) => `${name} cannot be reached, or puts us off.`,
  provider_timeout: (name) => `${name} took too long to answer.`,
  provider_bad_answer: (name) => `${name} answered with something that cannot be understood.`,
  scopes_missing: (name) => `Less was granted at ${name} than was asked for.`,
  identity_unavailable: (name) => `${name} did not say whose account it is.`,
};

/** A failure in our words. */
export function oauthFailure(
  code: OAuthFailureCode,
  name: string,
  options: { cause?: unknown; retryAfterSeconds?: number | null } = {},
): OAuthFailure {
  return new OAuthFailure(code, sentences[code](name), options);
}

/**
 * What went wrong between us and a provider; `secrets` are taken out of what is kept for the log.
 * Errors that have nothing to do with it are returned as they are.
 */
export function toOAuthFailure(
  error: unknown,
  name: string,
  secrets: readonly (string | null)[] = [],
): unknown {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    const { error: word, error_description: description = "" } = error;
    const code = words.find(([, pattern]) => pattern.test(word))?.[0] ?? "request_refused";
    const wait =
      error instanceof ResponseBodyError ? retryAfterSeconds(error.response.headers) : null;
    const said = redact(`${word}: ${description}`, secrets).slice(0, 300);
    return oauthFailure(code, name, { cause: new Error(said), retryAfterSeconds: wait });
  }
  if (error instanceof OutboundFailure) {
    const codes: Partial<Record<string, OAuthFailureCode>> = {
      outbound_timeout: "provider_timeout",
      outbound_unreachable: "provider_unavailable",
    };
    return oauthFailure(codes[error.code] ?? "provider_bad_answer", name, { cause: error });
  }
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
    const { cause } = error;
    const status = cause instanceof Response ? cause.status : 0;
    const isDown = status === 429 || status >= 500;
    return oauthFailure(isDown ? "provider_unavailable" : "provider_bad_answer", name, {
      // Not its own cause, which holds the answer.
      cause: new Error(`${error.message} (status ${status})`),
      retryAfterSeconds: cause instanceof Response ? retryAfterSeconds(cause.headers) : null,
    });
  }
  return error;
}
