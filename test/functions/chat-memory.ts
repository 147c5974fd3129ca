import type { ChatAgent, ChatStore } from "../../functions/agent-chat/store.ts";
import type { ChatMessage, JsonObject } from "../../types/schemas.ts";
import { agent, agentId, channelId, organizationId, userId } from "./samples.ts";

/** A conversation's database in memory. */
export interface ChatMemory {
  store: ChatStore;
  messages: ChatMessage[];
}

/** One agent, one channel, and what was said there. */
export function chatMemory(more: Partial<ChatAgent> = {}): ChatMemory {
  const messages: ChatMessage[] = [];
  const add = (content: string, author: Partial<ChatMessage>, metadata: JsonObject = {}) => {
    const message: ChatMessage = {
      id: crypto.randomUUID(),
      channel_id: channelId,
      user_id: null,
      agent_id: null,
      content,
      message_type: "text",
      metadata,
      created_at: new Date().toISOString(),
      ...author,
    };
    messages.push(message);
    return message;
  };
  const own = { id: channelId, organization_id: organizationId };

  return {
    messages,
    store: {
      agent: async (id) =>
        id === agentId ? { ...agent, organization_id: organizationId, ...more } : null,
      mayRun: async () => true,
      channel: async (id) => (id === channelId ? own : null),
      openConversation: async () => own,
      history: async (_, limit) => messages.slice(-limit),
      names: async () => new Map(),
      say: async (_, content) => add(content, { user_id: userId }),
      postAnswer: async (_, id, content, metadata) => add(content, { agent_id: id }, metadata),
    },
  };
}
