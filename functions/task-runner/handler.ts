import type {
  ClaimedJob,
  RunOutcome,
  TaskRunnerBody,
  TaskRunnerResult,
} from "../../types/schemas.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { isLeaseLost } from "../_shared/errors/is-lease-lost.ts";
import type { Log } from "../_shared/log.ts";
import { type Budget, startBudget } from "./budget.ts";
import { keepLease } from "./keep-lease.ts";
import type { TaskQueue } from "./queue.ts";
import { type DoStep, workOnRun } from "./work-on-run.ts";

/** Seconds a lease lasts without an extension: how soon a dead runner's work goes on. */
const LEASE_SECONDS = 30;

/** Runs in the air at once: they wait for models, so one worker carries several. */
const CONCURRENCY = 4;

/** What a runner needs; tests give their own. */
export interface TaskRunnerTools {
  queue: TaskQueue;
  /** Prepares to do the steps of one run. */
  prepare: () => DoStep;
  /** Calls another runner for what is left. */
  wakeNext: () => void;
  log: Log;
  worker: string;
  leaseSeconds?: number;
  extendEveryMs?: number;
  concurrency?: number;
  now?: () => number;
}

/**
 * Works until the queue is empty or the budget is spent, then calls the next runner if the queue
 * was not empty. A run whose lease was lost is dropped: it belongs to another runner.
 */
export async function handleTaskRunner(
  body: TaskRunnerBody,
  tools: TaskRunnerTools,
): Promise<TaskRunnerResult> {
  const { queue, log, worker, leaseSeconds = LEASE_SECONDS, concurrency = CONCURRENCY } = tools;
  const budget = startBudget(body.budget_seconds, tools.now);
  const runs: TaskRunnerResult["runs"] = [];
  let handedOver = false;

  const drain = async () => {
    for (;;) {
      if (budget.isSpent()) {
        handedOver = true;
        return;
      }
      const job = await queue.claim(worker, leaseSeconds);
      if (!job) {
        return;
      }
      const status = await workOnJob(job, tools, budget, leaseSeconds);
      if (status) {
        runs.push({ run_id: String(job.payload.run_id), status });
      }
    }
  };

  try {
    const lanes = await Promise.allSettled(Array.from({ length: concurrency }, drain));
    const broken = lanes.find((lane) => lane.status === "rejected");
    if (broken) {
      throw broken.reason;
    }
  } finally {
    budget.stop();
  }
  if (handedOver) {
    tools.wakeNext();
  }
  log("info", "task runner done", { runs: runs.length, handed_over: handedOver });
  return { runs, handed_over: handedOver };
}

/** How the run was left; null when there was nothing to do. */
async function workOnJob(
  job: ClaimedJob,
  { queue, prepare, log, extendEveryMs }: TaskRunnerTools,
  budget: Budget,
  leaseSeconds: number,
): Promise<RunOutcome | null> {
  if (job.kind !== "task_run") {
    await queue.fail(job, `The queue of tasks has no work of the kind ${job.kind}`, true);
    return null;
  }
  const lease = keepLease(
    () => queue.extend(job, leaseSeconds),
    extendEveryMs ?? (leaseSeconds * 1000) / 3,
  );
  try {
    const run = await queue.start(job);
    return (
      run && (await workOnRun(job, run, { queue, doStep: prepare(), budget, lost: lease.lost }))
    );
  } catch (error) {
    if (isLeaseLost(error)) {
      return "lost";
    }
    const reason = describeError(error);
    log("error", "a run broke off", { job: job.id, error: reason });
    try {
      await queue.fail(job, reason, false);
      return "retry";
    } catch (second) {
      // The lease runs out by itself; the run then goes on where it stopped.
      log("error", "a job was left to its lease", { job: job.id, error: describeError(second) });
      return "lost";
    }
  } finally {
    lease.stop();
  }
}
