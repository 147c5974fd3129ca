import { type TaskSchedulerResult, tickResult } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import type { Log } from "../_shared/log.ts";
import type { Wake } from "../_shared/wake.ts";

/** What the scheduler needs; tests give their own. */
export interface TaskSchedulerTools {
  rpc: Rpc;
  wake: Wake;
  log: Log;
}

/** Turns the engine once and wakes the functions it names. */
export async function handleTaskScheduler({
  rpc,
  wake,
  log,
}: TaskSchedulerTools): Promise<TaskSchedulerResult> {
  const tick = tickResult.parse(await rpc("tick"));
  if (tick.errors?.length) {
    log("error", "a part of the tick failed", { errors: tick.errors });
  }
  const woken = [...new Set(tick.functions)];
  for (const name of woken) {
    wake(name);
  }
  return { tick, woken };
}
