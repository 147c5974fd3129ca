import type { SupabaseClient } from "@supabase/supabase-js";
import { unwrap } from "./unwrap.ts";

/** A run as the demonstration shows it. */
export interface RunView {
  id: string;
  status: string;
  trigger: string;
  duration_ms: number | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost_usd: number | null;
  error_message: string | null;
}

/** A step of a run as the demonstration shows it. */
export interface StepView {
  step_order: number;
  step_name: string;
  status: string;
  result: { text?: string } | null;
  error_message: string | null;
  execution_duration_ms: number | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost_usd: number | null;
}

const RUN_COLUMNS =
  "id, status, trigger, duration_ms, prompt_tokens, completion_tokens, cost_usd, error_message";
const STEP_COLUMNS =
  "step_order, step_name, status, result, error_message, execution_duration_ms, prompt_tokens, completion_tokens, cost_usd";

/** The task's newest run, if there is one. */
export async function findRun(client: SupabaseClient, taskId: string): Promise<RunView | null> {
  const answer = await client
    .from("agent_task_runs")
    .select(RUN_COLUMNS)
    .eq("task_id", taskId)
    .order("created_at", { ascending: false })
    .limit(1);
  return (unwrap("read the task's runs", answer)[0] as RunView | undefined) ?? null;
}

/** The steps of a run in their order. */
export async function findSteps(client: SupabaseClient, runId: string): Promise<StepView[]> {
  const answer = await client
    .from("agent_task_run_steps")
    .select(STEP_COLUMNS)
    .eq("run_id", runId)
    .order("step_order");
  return unwrap("read the run's steps", answer) as StepView[];
}

/** The agent's last message in a channel. */
export async function findMessage(
  client: SupabaseClient,
  channelId: string,
): Promise<string | null> {
  const answer = await client
    .from("chat_messages")
    .select("content")
    .eq("channel_id", channelId)
    .not("agent_id", "is", null)
    .order("created_at", { ascending: false })
    .limit(1);
  return unwrap("read the channel", answer)[0]?.content ?? null;
}
