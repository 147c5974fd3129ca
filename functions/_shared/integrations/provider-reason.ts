/** What a provider says of a failure. */
export interface ProviderReason {
  /** Its sentence; empty when it gives none. */
  text: string;
  /** Its machine-readable words, such as `rateLimitExceeded`. */
  keys: string[];
  /** Seconds to wait, where the body names them (Discord). */
  retrySeconds: number | null;
}

type Json = Record<string, unknown>;

/**
 * Reads the error bodies of the providers' documentations: `{error: {message, code, status,
 * errors: [{reason}], details: [{reason}]}}` (Google, Microsoft, OpenAI, Anthropic),
 * `{errors: [{message}]}` (SendGrid, Linear, GitHub), `{message, code}` (Mailgun, Notion, Discord,
 * GitHub, DigitalOcean), `{error, error_description}` (OAuth, Slack), or plain text.
 */
export function providerReason(body: string): ProviderReason {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // A page of HTML is no sentence.
    return { text: /^\s*</.test(body) ? "" : body.trim(), keys: [], retrySeconds: null };
  }
  const top = asObject(parsed);
  const error = asObject(top.error);
  const details = [top.errors, error.errors, error.details].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const [first] = details.map((detail) => words(detail, asObject(detail).message));
  const text =
    words(error.message, top.error_description, top.message, top.detail, first, top.error) ?? "";
  const keys = [error, ...details.map(asObject), asObject(error.innerError), top].flatMap(
    ({ status, code, reason, type, error: word, needed }) =>
      [status, code, reason, type, word, needed].filter((key) => typeof key === "string"),
  );
  const wait = top.retry_after;
  return { text, keys, retrySeconds: typeof wait === "number" && wait >= 0 ? wait : null };
}

function words(...candidates: unknown[]): string | undefined {
  return candidates.find((text): text is string => typeof text === "string" && text.trim() !== "");
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}
