import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { databaseError } from "../errors/database-error.ts";

const earlierCall = z.object({
  tool_name: z.string(),
  status: z.enum(["running", "completed", "cancelled"]),
  input: z.unknown(),
  output: z.unknown(),
});
/** A call of a tool that an earlier attempt at a step made. */
export type EarlierCall = z.infer<typeof earlierCall>;

/** Finds the calls that earlier attempts at a step made, and that may have changed something. */
export type EarlierCalls = (runStepId: string) => Promise<EarlierCall[]>;

const MOST_CALLS = 50;

/** What `tool_execution_logs` knows of a step, over the service role's client. */
export function earlierCalls(admin: SupabaseClient): EarlierCalls {
  return async (runStepId) => {
    const { data, error, status } = await admin
      .from("tool_execution_logs")
      .select("tool_name, status, input, output")
      .eq("run_step_id", runStepId)
      .in("status", earlierCall.shape.status.options)
      .order("created_at")
      .limit(MOST_CALLS);
    if (error) {
      throw databaseError({ ...error, status }, "service");
    }
    return z.array(earlierCall).parse(data);
  };
}
