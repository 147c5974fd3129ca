import type { SupabaseClient } from "@supabase/supabase-js";
import type { Stage } from "./stage.ts";
import { unwrap } from "./unwrap.ts";

/** A task that waits for its time. */
export interface DemoTask {
  id: string;
  nextRunAt: Date;
}

const COLLECT = "List three things that a small town's newspaper would report this morning.";

const STEPS = [
  { name: "Collect", instructions: COLLECT },
  {
    name: "Choose",
    instructions: "Choose the one of them that matters most to readers and say why.",
  },
  {
    name: "Write",
    instructions: "Write the morning brief about it: a headline and two sentences.",
  },
];

/**
 * Writes a task of three steps for every minute; it ends after one run. With a tool, the first step
 * asks it what is on; a scripted model has to be told so in its own words.
 */
export async function writeTask(
  client: SupabaseClient,
  stage: Stage,
  { tool, isScripted }: { tool: string | null; isScripted: boolean },
): Promise<DemoTask> {
  const draft = unwrap(
    "write the task",
    await client
      .from("agent_tasks")
      .insert({
        agent_id: stage.agent.id,
        name: "Morning brief",
        description: "A short brief for the readers of the Newsroom channel.",
        task_type: "scheduled",
        status: "paused",
        cron_expression: "* * * * *",
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
        max_executions: 1,
        target_conversation_id: stage.channelId,
      })
      .select("id")
      .single(),
  );
  const asking = tool ? `Ask the tool ${tool} what is on in town today. ${COLLECT}` : COLLECT;
  const collect = tool && isScripted ? `${asking} [[call ${tool} {"day": "today"}]]` : asking;
  const steps = STEPS.map((step) => {
    return step.instructions === COLLECT ? { ...step, instructions: collect } : step;
  });
  for (const [index, { name, instructions }] of steps.entries()) {
    unwrap(
      `write the step ${name}`,
      await client.rpc("create_task_step", {
        p_task_id: draft.id,
        p_step_order: index + 1,
        p_step_name: name,
        p_instructions: instructions,
        p_include_previous_context: index > 0,
      }),
    );
  }
  const task = unwrap(
    "activate the task",
    await client.rpc("resume_task", { p_task_id: draft.id }),
  ) as { next_run_at: string };
  return { id: draft.id, nextRunAt: new Date(task.next_run_at) };
}

/** Stops a task that was left waiting. */
export async function stopTask(client: SupabaseClient, taskId: string): Promise<void> {
  await client.rpc("pause_task", { p_task_id: taskId });
}
