import { HttpError } from "./http-error.ts";

/** Whether the queue said that the job belongs to someone else, or to nobody, by now. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof HttpError && error.code === "lease_lost";
}
