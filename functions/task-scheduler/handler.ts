import { type TaskSchedulerResult, tickResult } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import type { Wake } from "../_shared/wake.ts";

/** What the scheduler needs; tests give their own. */
export interface TaskSchedulerTools {
  rpc: Rpc;
  wake: Wake;
}

/** Turns the engine once and wakes the functions it names. */
export async function handleTaskScheduler({
  rpc,
  wake,
}: TaskSchedulerTools): Promise<TaskSchedulerResult> {
  const tick = tickResult.parse(await rpc("tick"));
  const woken = [...new Set(tick.functions)];
  for (const name of woken) {
    wake(name);
  }
  return { tick, woken };
}
