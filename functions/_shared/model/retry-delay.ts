/**
 * Seconds that a response asks to be left alone for (`retry-after-ms`, or `retry-after` as seconds
 * or as a date, RFC 9110 section 10.2.3); null when it does not say.
 */
export function retryAfterSeconds(headers: Headers, now: number = Date.now()): number | null {
  const ms = headers.get("retry-after-ms");
  if (ms !== null && ms.trim() !== "" && Number.isFinite(Number(ms))) {
    return Math.max(0, Number(ms) / 1000);
  }
  const after = headers.get("retry-after");
  if (after === null || after.trim() === "") {
    return null;
  }
  if (Number.isFinite(Number(after))) {
    return Math.max(0, Number(after));
  }
  const date = Date.parse(after);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

/** Exponential backoff with full jitter: at most 0.5, 1, 2 … seconds before each further attempt. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(500 * 2 ** attempt, 8_000) * (0.5 + random() / 2);
}
