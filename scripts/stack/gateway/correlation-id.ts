import { randomUUID } from "node:crypto";

/** The header that carries a request's name through every part. */
export const correlationHeader = "x-correlation-id";

/** The client's own id when it is fit for a log line, or else a new one. */
export function correlationIdOf(given: string | null | undefined): string {
  return given && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : randomUUID();
}
