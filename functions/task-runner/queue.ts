import { z } from "zod";
import {
  type ClaimedJob,
  type CompletedStepOutcome,
  claimedJob,
  completedStepOutcome,
  type FailedStepOutcome,
  failedStepOutcome,
  type StartedRun,
  type StartedRunStep,
  startedRun,
} from "../../types/schemas.ts";
import type { StepOutcome } from "../_shared/agent/run-step.ts";
import type { Rpc } from "../_shared/database/rpc.ts";

/** The queue that holds one job per task run. */
const QUEUE = "tasks";

/** The database's side of a runner: every word after the claim presents the lease's token. */
export interface TaskQueue {
  claim(worker: string, leaseSeconds: number): Promise<ClaimedJob | null>;
  extend(job: ClaimedJob, leaseSeconds: number): Promise<void>;
  release(job: ClaimedJob): Promise<void>;
  fail(job: ClaimedJob, error: string, permanent: boolean): Promise<void>;
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
  const lease = (job: ClaimedJob) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

  return {
    async claim(worker, leaseSeconds) {
      const rows = await rpc("claim_jobs", {
        p_queue: QUEUE,
        p_limit: 1,
        p_lease_seconds: leaseSeconds,
        p_worker: worker,
      });
      return z.array(claimedJob).parse(rows)[0] ?? null;
    },
    async extend(job, leaseSeconds) {
      await rpc("extend_job", { ...lease(job), p_lease_seconds: leaseSeconds });
    },
    async release(job) {
      await rpc("release_job", lease(job));
    },
    async fail(job, error, permanent) {
      await rpc("fail_job", { ...lease(job), p_error: error, p_permanent: permanent });
    },
    async start(job) {
      return startedRun.nullable().parse((await rpc("start_task_run", lease(job))) ?? null);
    },
    async startStep(job, step) {
      await rpc("start_task_run_step", { ...lease(job), p_run_step_id: step.id });
    },
    async completeStep(job, step, outcome) {
      const next = await rpc("complete_task_run_step", {
        ...lease(job),
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
        ...lease(job),
        p_run_step_id: step.id,
        p_error: error,
        p_retryable: retryable,
        p_retry_after_seconds: retryAfterSeconds === null ? null : Math.ceil(retryAfterSeconds),
      });
      return failedStepOutcome.parse(next);
    },
  };
}
