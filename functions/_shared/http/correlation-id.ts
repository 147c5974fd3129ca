/** The header that carries the id of a request through gateway, functions and database. */
export const CORRELATION_HEADER = "x-correlation-id";

/** The client's own id when it is fit for a log line, or else a new one. */
export function correlationIdOf(given: string | null | undefined): string {
  return given && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : crypto.randomUUID();
}
