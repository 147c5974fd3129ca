import { quotaRetryAfterSeconds } from "../quotas/retry-after.ts";
import { HttpError } from "./http-error.ts";

/** What PostgREST says of a failed request, and the HTTP status it came with. */
export interface DatabaseFailure {
  code?: string | null;
  message?: string | null;
  details?: string | null;
  hint?: string | null;
  status?: number;
}

const machineKey = /^[a-z][a-z0-9_]*$/;

/**
 * Turns PostgREST's answer into the error the caller may see.
 *
 * `raise sqlstate 'PTxyz'` is ours: its status, sentence, key (in `details`) and hint pass through.
 * A privilege that a user lacks (42501) is a bare 403; the service lacking one is our fault. A
 * database that cannot be reached, or is overloaded, is a 503. Everything else is a fault of ours
 * and stays in the log: its text may name internals. `organizationId` is where the refused call
 * would have acted, as far as that is known.
 */
export function databaseError(
  failure: DatabaseFailure,
  actor: "user" | "service" = "user",
  organizationId: string | null = null,
): HttpError {
  const cause = new Error(
    `${failure.code ?? failure.status ?? "unknown"}: ${failure.message ?? ""}`,
  );
  const raised = /^PT([45]\d\d)$/.exec(failure.code ?? "");

  if (raised) {
    const code = failure.details && machineKey.test(failure.details) ? failure.details : "refused";
    return new HttpError(Number(raised[1]), code, failure.message ?? "The request was refused.", {
      hint: failure.hint ?? null,
      retryAfterSeconds: raised[1] === "429" ? quotaRetryAfterSeconds(failure.hint) : null,
      deniedIn: organizationId,
      cause,
    });
  }
  if (failure.code === "42501" && actor === "user") {
    return new HttpError(403, "forbidden", "You are not allowed to do that.", {
      deniedIn: organizationId,
      cause,
    });
  }
  if (isPassing(failure)) {
    return new HttpError(503, "database_unavailable", "The database did not answer.", {
      hint: "Try again in a moment.",
      cause,
    });
  }
  return new HttpError(500, "internal_error", "Something went wrong on our side.", { cause });
}

/** Whether trying again soon may help: no answer, an overloaded gateway, no free connection. */
export function isPassing(failure: DatabaseFailure): boolean {
  const status = failure.status ?? 0;
  return (
    (status === 0 && !failure.code) ||
    [502, 503, 504].includes(status) ||
    ["PGRST000", "PGRST001", "PGRST002", "PGRST003", "53300", "40001", "40P01"].includes(
      failure.code ?? "",
    )
  );
}
