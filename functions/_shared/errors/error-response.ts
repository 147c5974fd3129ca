import { errorBody } from "./error-body.ts";

/** An error as a JSON response. */
export function errorResponse(error: unknown, correlationId: string): Response {
  const { status, ...body } = errorBody(error, correlationId);
  return Response.json(body, { status });
}
