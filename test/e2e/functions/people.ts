import type { SupabaseClient } from "@supabase/supabase-js";
import { clientOf, type SharedStack } from "../../support/stack.ts";

/** A signed-up user with an organization, a channel and an agent in it. */
export interface Person {
  client: SupabaseClient;
  token: string;
  organizationId: string;
  channelId: string;
  agentId: string;
}

/** Signs a user up and gives them what a task or a conversation needs. */
export async function newPerson(
  stack: SharedStack,
  agent: Record<string, unknown> = {},
): Promise<Person> {
  const own = clientOf(stack);
  const email = `${crypto.randomUUID()}@example.com`;
  const { session } = must(await own.auth.signUp({ email, password: crypto.randomUUID() }));
  const organization = must(await own.rpc("create_organization", { p_name: "Test" }));
  const workspace = must(
    await own
      .from("workspaces")
      .insert({ organization_id: organization.id, name: "Here" })
      .select("id")
      .single(),
  );
  const channel = must(
    await own
      .from("chat_channels")
      .insert({ workspace_id: workspace.id, name: "there" })
      .select("id")
      .single(),
  );
  const made = must(
    await own
      .from("agents")
      .insert({
        organization_id: organization.id,
        name: "Iris",
        instructions: "You are brief.",
        ...agent,
      })
      .select("id")
      .single(),
  );
  return {
    client: own,
    token: session?.access_token ?? "",
    organizationId: organization.id,
    channelId: channel.id,
    agentId: made.id,
  };
}

/** Gives the person's organization a model of its own. */
export async function giveModel(person: Person, baseUrl: string): Promise<void> {
  must(
    await person.client.rpc("set_model_provider", {
      p_organization_id: person.organizationId,
      p_provider: "openai-compatible",
      p_model: "gpt-4o-mini",
      p_api_key: "scripted",
      p_base_url: baseUrl,
    }),
  );
}

/** Writes a task of the given steps and runs it; answers the run's id. */
export async function runTask(person: Person, instructions: string[]): Promise<string> {
  const task = must(
    await person.client
      .from("agent_tasks")
      .insert({
        agent_id: person.agentId,
        name: "Report",
        cron_expression: "0 0 1 1 *",
        target_conversation_id: person.channelId,
      })
      .select("id")
      .single(),
  );
  for (const [index, text] of instructions.entries()) {
    must(
      await person.client.rpc("create_task_step", {
        p_task_id: task.id,
        p_step_order: index + 1,
        p_step_name: `Step ${index + 1}`,
        p_instructions: text,
        p_include_previous_context: true,
      }),
    );
  }
  return must(await person.client.rpc("run_task_now", { p_task_id: task.id })).id;
}

/** The data of an answer; fails the test on an error. */
// biome-ignore lint/suspicious/noExplicitAny: rows are untyped without the generated types
export function must(answer: { data: any; error: { message: string } | null }): any {
  if (answer.error) {
    throw new Error(`${answer.error.message} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}
