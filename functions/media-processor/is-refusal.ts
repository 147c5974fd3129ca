import { HttpError } from "../_shared/errors/http-error.ts";
import { ModelFailure } from "../_shared/model/model-failure.ts";

/** Whether a model gave no answer and would give none the next time: refused, or out of budget. */
export function isRefusal(error: unknown): error is HttpError {
  return error instanceof ModelFailure
    ? !error.retryable
    : error instanceof HttpError && error.status === 402;
}
