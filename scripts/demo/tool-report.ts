import type { SupabaseClient } from "@supabase/supabase-js";
import { table } from "./table.ts";
import { unwrap } from "./unwrap.ts";

/** What an agent's calls of tools came to, as a table out of `tool_execution_logs`. */
export async function toolReport(client: SupabaseClient, agentId: string): Promise<string> {
  const answer = await client
    .from("tool_execution_logs")
    .select("tool_name, status, duration_ms, error, run_step_id")
    .eq("agent_id", agentId)
    .order("created_at");

  return table(
    [
      { title: "Tool" },
      { title: "In" },
      { title: "Call" },
      { title: "Why not", width: 60 },
      { title: "Duration", isNumber: true },
    ],
    unwrap("read the log of tools", answer).map((call) => [
      call.tool_name,
      call.run_step_id ? "task" : "conversation",
      call.status,
      call.error ?? "",
      call.duration_ms === null ? "" : `${(call.duration_ms / 1000).toFixed(2)} s`,
    ]),
  );
}
