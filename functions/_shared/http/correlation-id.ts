/** The header that carries the id of a request through gateway, functions and database. */
export const CORRELATION_HEADER = "x-correlation-id";

/** The request's correlation id, or a new one when it sent none that can be trusted in a log. */
export function correlationIdOf(request: Request): string {
  const sent = request.headers.get(CORRELATION_HEADER);
  return sent && /^[\w.:-]{1,128}$/.test(sent) ? sent : crypto.randomUUID();
}
