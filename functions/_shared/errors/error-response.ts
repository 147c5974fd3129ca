import { errorBody } from "./error-body.ts";
import { HttpError } from "./http-error.ts";

/** An error as a JSON response. */
export function errorResponse(error: unknown, correlationId: string): Response {
  const { status, ...body } = errorBody(error, correlationId);
  const seconds = error instanceof HttpError ? error.retryAfterSeconds : null;
  const headers = seconds === null ? undefined : { "retry-after": String(Math.ceil(seconds)) };
  return Response.json(body, { status, headers });
}
