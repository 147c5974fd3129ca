import type { ErrorBody } from "../../../types/schemas.ts";
import { HttpError } from "./http-error.ts";

/** The one place that decides what of an error leaves the function. */
export function errorBody(error: unknown, correlationId: string): ErrorBody & { status: number } {
  if (error instanceof HttpError) {
    const { status, code, message, details, hint } = error;
    return { status, code, message, details, hint, correlation_id: correlationId };
  }
  return {
    status: 500,
    code: "internal_error",
    message: "Something went wrong on our side.",
    details: null,
    hint: null,
    correlation_id: correlationId,
  };
}
