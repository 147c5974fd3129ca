/** The time a runner has. Supabase ends a function after 150 s of wall clock, whatever it does. */
export interface Budget {
  /** Whether no further step may begin. */
  isSpent: () => boolean;
  /** Aborts shortly before the platform would end the function. */
  end: AbortSignal;
}

/** The platform's limit, and what is left for handing over before it. */
const PLATFORM_LIMIT_MS = 150_000;
const HANDOVER_MS = 6_000;
/** How long a step that began within the budget may go on after it. */
const GRACE_MS = 24_000;

/** A step that the end of the budget cut off; it starts again with the next runner. */
export class BudgetEnded extends Error {
  override name = "BudgetEnded";
}

/** A budget that begins now; `stop` frees its timer. */
export function startBudget(
  seconds: number,
  now: () => number = Date.now,
): Budget & { stop: () => void } {
  const begun = now();
  const budgetMs = seconds * 1000;
  const end = new AbortController();
  const timer = setTimeout(
    () => end.abort(new BudgetEnded("The runner's time is over")),
    Math.min(budgetMs + GRACE_MS, PLATFORM_LIMIT_MS - HANDOVER_MS),
  );
  return {
    isSpent: () => now() - begun >= budgetMs,
    end: end.signal,
    stop: () => clearTimeout(timer),
  };
}
