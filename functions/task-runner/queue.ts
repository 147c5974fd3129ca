import {
  type ClaimedJob,
  type CompletedStepOutcome,
  completedStepOutcome,
  type FailedStepOutcome,
  failedStepOutcome,
  type StartedRun,
  type StartedRunStep,
  startedRun,
} from "../../types/schemas.ts";
import type { StepOutcome } from "../_shared/agent/run-step.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { type JobQueue, jobQueue, leaseOf } from "../_shared/jobs/job-queue.ts";

/** The queue that holds one job per task run. */
const QUEUE = "tasks";

/** The queue of task runs, with what a runner records as it goes. */
export interface TaskQueue extends Omit<JobQueue, "complete"> {
  /** Null when there is nothing to do (cancelled, or no longer allowed). */
  start(job: ClaimedJob): Promise<StartedRun | null>;
  startStep(job: ClaimedJob, step: StartedRunStep): Promise<void>;
  completeStep(
    job: ClaimedJob,
    step: StartedRunStep,
    outcome: StepOutcome,
  ): Promise<CompletedStepOutcome>;
  failStep(job: ClaimedJob, step: StartedRunStep, failure: StepFailure): Promise<FailedStepOutcome>;
}

/** Why a step failed, and whether to try it again. */
export interface StepFailure {
  error: string;
  retryable: boolean;
  retryAfterSeconds: number | null;
}

/** The queue over RPCs of the service role. */
export function taskQueue(rpc: Rpc): TaskQueue {
  return {
    ...jobQueue(rpc, QUEUE),
    async start(job) {
      return startedRun.nullable().parse((await rpc("start_task_run", leaseOf(job))) ?? null);
    },
    async startStep(job, step) {
      await rpc("start_task_run_step", { ...leaseOf(job), p_run_step_id: step.id });
    },
    async completeStep(job, step, outcome) {
      const next = await rpc("complete_task_run_step", {
        ...leaseOf(job),
        p_run_step_id: step.id,
        p_result: outcome.result,
        p_prompt_tokens: outcome.promptTokens,
        p_completion_tokens: outcome.completionTokens,
        p_cost_usd: outcome.costUsd,
      });
      return completedStepOutcome.parse(next);
    },
    async failStep(job, step, { error, retryable, retryAfterSeconds }) {
      const next = await rpc("fail_task_run_step", {
        ...leaseOf(job),
        p_run_step_id: step.id,
        p_error: error,
        p_retryable: retryable,
        p_retry_after_seconds: retryAfterSeconds === null ? null : Math.ceil(retryAfterSeconds),
      });
      return failedStepOutcome.parse(next);
    },
  };
}
