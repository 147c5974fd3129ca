import type { AgentSettings, StartedRun } from "../../types/schemas.ts";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const organizationId = id(1);
export const agentId = id(2);
export const userId = id(3);
export const otherId = id(4);
export const channelId = id(5);
export const taskId = id(6);
export const runId = id(7);

/** An agent with the usual limits. */
export const agent: AgentSettings = {
  id: agentId,
  name: "Marta",
  instructions: "You watch the market.",
  model: null,
  temperature: null,
  max_tokens: 1000,
  context_window_size: 4000,
  config: {},
};

/** A run of three steps, the first two of which are done. */
export function startedRun(more: Partial<StartedRun> = {}): StartedRun {
  return {
    run_id: runId,
    organization_id: organizationId,
    task: {
      id: taskId,
      name: "Morning report",
      description: "What happened over night.",
      instructions: null,
      target_conversation_id: channelId,
      user_id: userId,
    },
    agent,
    payload: null,
    steps: [
      { name: "Collect", status: "completed" as const },
      { name: "Weigh", status: "completed" as const },
      { name: "Write", status: "pending" as const },
    ].map(({ name, status }, at) => ({
      id: id(100 + at),
      step_order: at + 1,
      step_name: name,
      instructions: at === 2 ? "Write the report now." : `${name} what there is.`,
      include_previous_context: true,
      status,
      result: status === "completed" ? { text: `result ${at + 1}` } : null,
      retry_count: 0,
    })),
    ...more,
  };
}
