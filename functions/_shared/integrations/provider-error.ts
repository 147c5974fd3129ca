import { HttpError } from "../errors/http-error.ts";
import { plainLine } from "../mail/plain-line.ts";
import { retryAfterSeconds } from "../model/retry-delay.ts";
import { redact } from "../redact.ts";
import { providerReason } from "./provider-reason.ts";

/** Why a call to a provider came to nothing, each with the status of our own answer. */
const statuses = {
  /** The provider no longer takes the credential: refresh it, or have the connection renewed. */
  provider_unauthorized: 502,
  /** The account, or the scopes it granted, do not allow this. */
  provider_forbidden: 403,
  provider_not_found: 404,
  provider_conflict: 409,
  /** What was asked for is not what the provider takes; it says why. */
  provider_invalid_input: 422,
  /** The thing is there but cannot be given to a model, such as a picture or a huge file. */
  provider_unsupported: 422,
  provider_rate_limited: 429,
  provider_unavailable: 502,
  /** What came back is not what the API's documentation says. */
  provider_bad_answer: 502,
} as const;

export type ProviderErrorCode = keyof typeof statuses;

/** What a provider's failure may carry beside its sentence. */
export interface ProviderErrorOptions extends ErrorOptions {
  /** The status that the provider answered with. */
  providerStatus?: number;
  hint?: string;
  retryAfterSeconds?: number | null;
}

/** A call to a provider that failed, told so that a model can act on it: sentence, then hint. */
export class ProviderError extends HttpError {
  override name = "ProviderError";
  readonly providerStatus: number | null;

  constructor(
    override readonly code: ProviderErrorCode,
    message: string,
    { providerStatus, ...options }: ProviderErrorOptions = {},
  ) {
    super(statuses[code], code, message, options);
    this.providerStatus = providerStatus ?? null;
  }
}

/** What of a failing answer is read; its sentence stands at the beginning. */
const MOST_BYTES = 64_000;
/** Characters of the provider's own words that are passed on. */
const MOST_CHARACTERS = 300;

/**
 * A provider's answer other than 2xx as an error. `provider` is its name for people; `secrets` are
 * taken out of what it says. Reads the answer's body, which nothing else may have done.
 */
export async function toProviderError(
  provider: string,
  response: Response,
  secrets: readonly (string | null | undefined)[] = [],
): Promise<ProviderError> {
  const { text, keys, retrySeconds } = providerReason(await beginning(response));
  const words = plainLine(redact(text, secrets), MOST_CHARACTERS);
  const said = words === "" ? "." : `: "${words}"`;
  const { status, headers } = response;
  const options = { providerStatus: status };

  if (isRateLimit(status, headers, keys)) {
    const seconds = retrySeconds ?? retryAfterSeconds(headers) ?? secondsUntilReset(headers);
    const wait = seconds === null ? null : Math.max(1, Math.ceil(seconds));
    return new ProviderError(
      "provider_rate_limited",
      `${provider} limits how often it is asked${said}`,
      {
        ...options,
        hint: wait === null ? "Try again in some minutes." : `Try again in ${wait} seconds.`,
        retryAfterSeconds: wait,
      },
    );
  }
  switch (status) {
    case 401:
      return new ProviderError(
        "provider_unauthorized",
        `${provider} refuses the connection${said}`,
        {
          ...options,
          hint: `Ask the connection's owner to connect ${provider} again.`,
        },
      );
    case 403:
      return new ProviderError("provider_forbidden", `${provider} does not allow this${said}`, {
        ...options,
        hint: isScopeRefusal(headers, keys, text)
          ? `The connection lacks a scope: ask its owner to connect ${provider} again with it.`
          : "The connected account may not do this; ask its owner.",
      });
    case 404:
    case 410:
      return new ProviderError("provider_not_found", `${provider} does not find this${said}`, {
        ...options,
        hint: "Check the identifier: list or search first.",
      });
    case 409:
    case 412:
      return new ProviderError(
        "provider_conflict",
        `${provider} reports a conflict${said}`,
        options,
      );
    default:
      return status >= 500 || status === 408
        ? new ProviderError(
            "provider_unavailable",
            `${provider} failed with status ${status}${said}`,
            {
              ...options,
              hint: "Try again later; a write may have happened all the same.",
              retryAfterSeconds: retryAfterSeconds(headers),
            },
          )
        : new ProviderError(
            "provider_invalid_input",
            `${provider} refuses the request with status ${status}${said}`,
            { ...options, hint: "Correct the input." },
          );
  }
}

/** Words for limits in time; a drive that is full, or a file too large, are none. */
const RATE_LIMIT = /rate_?limit|^quota_?exceeded$|^daily_?limit|throttl|^too_?many_?requests$/i;

/** Some providers answer 403 where others answer 429; the words are those of their documentation. */
function isRateLimit(status: number, headers: Headers, keys: readonly string[]): boolean {
  return (
    status === 429 ||
    (status === 403 &&
      (headers.get("x-ratelimit-remaining") === "0" ||
        headers.has("retry-after") ||
        keys.some((key) => RATE_LIMIT.test(key))))
  );
}

function isScopeRefusal(headers: Headers, keys: readonly string[], text: string): boolean {
  return (
    /insufficient_scope/.test(headers.get("www-authenticate") ?? "") ||
    keys.some((key) => /scope|insufficientPermissions/i.test(key)) ||
    /\bscopes?\b/i.test(text)
  );
}

/** GitHub and others name the second of the epoch at which one may ask again. */
function secondsUntilReset(headers: Headers): number | null {
  const reset = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  return reset > 1e9 ? Math.max(0, reset - Date.now() / 1000) : null;
}

async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(piece, { stream: true });
      if (text.length > MOST_BYTES) {
        break;
      }
    }
  } catch {
    // The status says enough.
  }
  return text;
}
