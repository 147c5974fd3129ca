import type { RunOutcome, TaskRunnerBody, TaskRunnerResult } from "../../types/schemas.ts";
import { drainQueue } from "../_shared/jobs/drain-queue.ts";
import type { Log } from "../_shared/log.ts";
import type { TaskQueue } from "./queue.ts";
import { type DoStep, workOnRun } from "./work-on-run.ts";

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

/** Does the task runs that wait, within the budget. */
export async function handleTaskRunner(
  body: TaskRunnerBody,
  { prepare, ...tools }: TaskRunnerTools,
): Promise<TaskRunnerResult> {
  const { queue } = tools;
  const { jobs, handedOver } = await drainQueue<RunOutcome | null>({
    concurrency: CONCURRENCY,
    ...tools,
    budgetSeconds: body.budget_seconds,
    async work(job, { budget, lost }) {
      if (job.kind !== "task_run") {
        const error = `The queue of tasks has no work of the kind ${job.kind}`;
        await queue.fail(job, { error, permanent: true });
        return null;
      }
      const run = await queue.start(job);
      return run && (await workOnRun(job, run, { queue, doStep: prepare(), budget, lost }));
    },
  });

  return {
    runs: jobs.flatMap(({ job, outcome }) =>
      outcome ? [{ run_id: String(job.payload.run_id), status: outcome }] : [],
    ),
    handed_over: handedOver,
  };
}
