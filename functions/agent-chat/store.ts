import type { AgentSettings, ChatMessage, JsonObject } from "../../types/schemas.ts";

/** An agent with the organization it belongs to. */
export type ChatAgent = AgentSettings & { organization_id: string };

/** A channel, as far as a conversation needs it. */
export interface ChatChannel {
  id: string;
  organization_id: string;
}

/** The database's side of a conversation. All but `postAnswer` act as the user, under RLS. */
export interface ChatStore {
  /** Null when the user sees no such agent. */
  agent(id: string): Promise<ChatAgent | null>;
  mayRun(agentId: string): Promise<boolean>;
  /** Null when the user sees no such channel. */
  channel(id: string): Promise<ChatChannel | null>;
  /** The user's private channel with the agent. */
  openConversation(agentId: string): Promise<ChatChannel>;
  /** The newest messages, oldest first. */
  history(channelId: string, limit: number): Promise<ChatMessage[]>;
  /** Names of people and agents by id, as far as the user may see them. */
  names(userIds: string[], agentIds: string[]): Promise<Map<string, string>>;
  /** Stores the user's message. */
  say(channelId: string, content: string): Promise<ChatMessage>;
  /** Stores the agent's message. */
  postAnswer(
    channelId: string,
    agentId: string,
    content: string,
    metadata: JsonObject,
  ): Promise<ChatMessage>;
}
