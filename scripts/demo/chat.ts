import type { SupabaseClient } from "@supabase/supabase-js";
import { readEvents } from "../../test/functions/read-events.ts";
import type { AgentChatEvent, AnswerCitation } from "../../types/schemas.ts";
import { DemoError } from "./demo-error.ts";

/** What a tool came to in a conversation. */
export type ShownResult = Extract<AgentChatEvent, { event: "tool_result" }>["data"];

/** A whole answer, with what it is built on. */
export interface ShownAnswer {
  text: string;
  citations: AnswerCitation[];
  results: ShownResult[];
}

/**
 * Says something to an agent and reads its answer to the end; answers what its tools came to.
 * `onAsked` runs once the message is stored, while the agent thinks.
 */
export async function chat(
  client: SupabaseClient,
  agentId: string,
  message: string,
  onAsked?: () => Promise<void>,
): Promise<ShownResult[]> {
  return (await ask(client, agentId, message, onAsked)).results;
}

/** Says something to an agent and reads its answer to the end. */
export async function ask(
  client: SupabaseClient,
  agentId: string,
  message: string,
  onAsked: () => Promise<void> = async () => {},
): Promise<ShownAnswer> {
  const { data, error } = await client.functions.invoke("agent-chat", {
    body: { agent_id: agentId, message },
  });
  if (error) {
    throw new DemoError(`Cannot speak with the agent: ${error.message}`);
  }
  const results: ShownResult[] = [];
  for await (const event of readEvents(data as Response)) {
    if (event.event === "message") {
      await onAsked();
    } else if (event.event === "tool_result") {
      results.push(event.data);
    } else if (event.event === "done") {
      return { text: event.data.message.content, citations: event.data.citations, results };
    } else if (event.event === "error") {
      throw new DemoError(`The agent's answer broke off: ${event.data.message}`);
    }
  }
  throw new DemoError("The agent's answer broke off.");
}
