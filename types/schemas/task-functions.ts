import { z } from "zod";
import { tickResult } from "./engine.ts";
import { workerBody } from "./queue.ts";
import { uuid } from "./scalars.ts";

/** Body of `task-scheduler`: nothing is asked of it. */
export const taskSchedulerBody = z.looseObject({});
export type TaskSchedulerBody = z.infer<typeof taskSchedulerBody>;

/** What `task-scheduler` answers. */
export const taskSchedulerResult = z.object({ tick: tickResult, woken: z.array(z.string()) });
export type TaskSchedulerResult = z.infer<typeof taskSchedulerResult>;

/** Body of `task-runner`. */
export const taskRunnerBody = workerBody;
export type TaskRunnerBody = z.infer<typeof taskRunnerBody>;

/**
 * How a runner left a run: `retry` waits for another attempt, `released` was handed over between
 * steps, `lost` belongs to another worker since.
 */
export const runOutcome = z.enum(["completed", "failed", "cancelled", "retry", "released", "lost"]);
export type RunOutcome = z.infer<typeof runOutcome>;

/** What `task-runner` answers. */
export const taskRunnerResult = z.object({
  runs: z.array(z.object({ run_id: uuid, status: runOutcome })),
  /** Whether the budget ended before the queue did, and another runner was called. */
  handed_over: z.boolean(),
});
export type TaskRunnerResult = z.infer<typeof taskRunnerResult>;
