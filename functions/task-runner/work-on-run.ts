import type { ClaimedJob, RunOutcome, StartedRun, StartedRunStep } from "../../types/schemas.ts";
import type { StepOutcome } from "../_shared/agent/run-step.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { isLeaseLost } from "../_shared/errors/is-lease-lost.ts";
import { type Budget, BudgetEnded } from "../_shared/jobs/budget.ts";
import { ModelFailure } from "../_shared/model/model-failure.ts";
import type { StepFailure, TaskQueue } from "./queue.ts";

/** Does one step; prepared once per run. */
export type DoStep = (
  run: StartedRun,
  step: StartedRunStep,
  signal: AbortSignal,
) => Promise<StepOutcome>;

/**
 * Does a started run's open steps in order, each recorded before the next begins, and says how the
 * run was left. Between steps it is handed over when the budget is spent.
 *
 * Throws only what concerns the job as a whole: a lost lease, or a database that does not answer.
 */
export async function workOnRun(
  job: ClaimedJob,
  run: StartedRun,
  tools: { queue: TaskQueue; doStep: DoStep; budget: Budget; lost: AbortSignal },
): Promise<RunOutcome> {
  const { queue, doStep, budget, lost } = tools;
  const signal = AbortSignal.any([budget.end, lost]);
  const open = run.steps
    .filter(({ status }) => status === "pending" || status === "running")
    .sort((a, b) => a.step_order - b.step_order);

  for (const step of open) {
    if (budget.isSpent()) {
      await queue.release(job);
      return "released";
    }
    try {
      await queue.startStep(job, step);
    } catch (error) {
      if (error instanceof HttpError && error.code === "run_cancelled") {
        await queue.release(job); // whoever claims it next finds the run over, and ends the job
        return "cancelled";
      }
      throw error;
    }

    let outcome: StepOutcome;
    try {
      outcome = await doStep(run, step, signal);
    } catch (error) {
      if (isLeaseLost(error)) {
        throw error;
      }
      if (error instanceof BudgetEnded) {
        await queue.release(job);
        return "released";
      }
      return await queue.failStep(job, step, stepFailure(error));
    }

    const next = await queue.completeStep(job, step, outcome);
    if (next !== "continue") {
      return next;
    }
    step.status = "completed";
    step.result = outcome.result;
  }
  throw new HttpError(500, "run_without_open_step", "The run has no open step, but is not over.");
}

/** A failed run shows this to its owner: a sentence and what to do, nothing internal. */
function stepFailure(error: unknown): StepFailure {
  if (!(error instanceof HttpError)) {
    const error = "Something went wrong on our side while the step ran.";
    return { error, retryable: true, retryAfterSeconds: null };
  }
  return {
    error: error.hint ? `${error.message} ${error.hint}` : error.message,
    retryable: error instanceof ModelFailure ? error.retryable : error.status >= 500,
    retryAfterSeconds: error instanceof ModelFailure ? error.retryAfterSeconds : null,
  };
}
