import type { ClaimedJob } from "../../../types/schemas.ts";
import { describeError } from "../errors/describe-error.ts";
import { isLeaseLost } from "../errors/is-lease-lost.ts";
import type { Log } from "../log.ts";
import { type Budget, startBudget } from "./budget.ts";
import type { JobQueue } from "./job-queue.ts";
import { keepLease } from "./keep-lease.ts";

/** Seconds a lease lasts without an extension: how soon a dead worker's work goes on. */
const LEASE_SECONDS = 30;

/** What a worker may look at while it does a job. */
export interface JobContext {
  budget: Budget;
  /** Aborts when the lease is lost: the job belongs to another worker then. */
  lost: AbortSignal;
}

/** What draining takes; tests give their own. */
export interface DrainOptions<Outcome> {
  queue: Pick<JobQueue, "claim" | "extend" | "fail">;
  /** Does one job to its end: completes, fails or releases it. */
  work: (job: ClaimedJob, context: JobContext) => Promise<Outcome>;
  /** Calls another worker for what is left. */
  wakeNext: () => void;
  log: Log;
  /** What the worker calls itself. */
  worker: string;
  budgetSeconds: number;
  /** Jobs in the air at once. */
  concurrency?: number;
  leaseSeconds?: number;
  extendEveryMs?: number;
  now?: () => number;
}

/** How the jobs were left: as `work` said, or broken off by an error and tried again, or lost. */
export interface Drained<Outcome> {
  jobs: { job: ClaimedJob; outcome: Outcome | "retry" | "lost" }[];
  /** Whether the budget ended before the queue did, and another worker was called. */
  handedOver: boolean;
}

/**
 * Works until the queue is empty or the budget is spent, then calls the next worker if the queue
 * was not empty. A job whose lease was lost is dropped: it belongs to another worker.
 */
export async function drainQueue<Outcome>(
  options: DrainOptions<Outcome>,
): Promise<Drained<Outcome>> {
  const { queue, worker, concurrency = 1, leaseSeconds = LEASE_SECONDS } = options;
  const budget = startBudget(options.budgetSeconds, options.now);
  const jobs: Drained<Outcome>["jobs"] = [];
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
      jobs.push({ job, outcome: await workOnJob(job, options, budget, leaseSeconds) });
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
    options.wakeNext();
  }
  options.log("info", "queue drained", { jobs: jobs.length, handed_over: handedOver });
  return { jobs, handedOver };
}

async function workOnJob<Outcome>(
  job: ClaimedJob,
  { queue, work, log, extendEveryMs }: DrainOptions<Outcome>,
  budget: Budget,
  leaseSeconds: number,
): Promise<Outcome | "retry" | "lost"> {
  const lease = keepLease(
    () => queue.extend(job, leaseSeconds),
    extendEveryMs ?? (leaseSeconds * 1000) / 3,
  );
  try {
    return await work(job, { budget, lost: lease.lost });
  } catch (error) {
    if (isLeaseLost(error)) {
      return "lost";
    }
    const reason = describeError(error);
    log("error", "a job broke off", { job: job.id, kind: job.kind, error: reason });
    try {
      await queue.fail(job, { error: reason, permanent: false });
      return "retry";
    } catch (second) {
      // The lease runs out by itself; the job then goes on where it stopped.
      log("error", "a job was left to its lease", { job: job.id, error: describeError(second) });
      return "lost";
    }
  } finally {
    lease.stop();
  }
}
