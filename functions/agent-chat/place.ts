import type { AgentChatBody } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { ChatAgent, ChatChannel, ChatStore } from "./store.ts";

/** Who speaks where. */
export interface Place {
  agent: ChatAgent;
  channel: ChatChannel;
}

/**
 * Finds the agent and the channel, as far as the caller may see and use them.
 *
 * Errors: 404 `agent_not_found`, 403 `agent_not_runnable`, 404 `channel_not_found`,
 * 422 `channel_of_another_organization`.
 */
export async function findPlace(body: AgentChatBody, store: ChatStore): Promise<Place> {
  const agent = await store.agent(body.agent_id);
  if (!agent) {
    throw new HttpError(404, "agent_not_found", "There is no such agent, or you may not see it.");
  }
  if (!(await store.mayRun(agent.id))) {
    throw new HttpError(403, "agent_not_runnable", "You may not run this agent.", {
      hint: "It needs to be active, and you need the permission agents.run.",
    });
  }
  if (!body.channel_id) {
    return { agent, channel: await store.openConversation(agent.id) };
  }
  const channel = await store.channel(body.channel_id);
  if (!channel) {
    throw new HttpError(
      404,
      "channel_not_found",
      "There is no such channel, or you may not see it.",
    );
  }
  if (channel.organization_id !== agent.organization_id) {
    throw new HttpError(
      422,
      "channel_of_another_organization",
      "The agent and the channel belong to different organizations.",
    );
  }
  return { agent, channel };
}
