import type { DatabaseFailure } from "./database-failure.ts";

/** Statuses by SQLSTATE or its class, the longest first; anything else is the caller's fault. */
const statuses: readonly (readonly [string, number])[] = [
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["53400", 500],
  ["08", 503],
  ["09", 500],
  ["25", 500],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53", 503],
  ["54", 413],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["XX", 500],
];

/**
 * lite knows some SQLSTATEs and answers the rest, check violations among them, as "SUP" with
 * status 500. Those get the answer that PostgREST gives.
 * Statuses: https://docs.postgrest.org/en/stable/references/errors.html#http-status-codes
 */
export async function withDatabaseErrors(
  response: Response,
  failure: DatabaseFailure | undefined,
): Promise<Response> {
  if (response.status !== 500 || !failure?.code) return response;

  const body = await response.clone().json();
  if (body?.code !== "SUP") return response;

  const { code, message, detail, hint } = failure;
  const status = statuses.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json(
    { code, details: detail ?? null, hint: hint ?? null, message },
    { status, headers },
  );
}
