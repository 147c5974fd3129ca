import type { Log } from "../log.ts";

/** Says in the log that an agent's context_window_size is too small for all of its tools. */
export function reportLeftOut(
  { offered, usable }: { offered: readonly unknown[]; usable: readonly unknown[] },
  agentId: string,
  log: Log,
): void {
  const tools = offered.length - usable.length;
  if (tools > 0) {
    log("warn", "tools were left out, as there is no room for them", { tools, agent: agentId });
  }
}
