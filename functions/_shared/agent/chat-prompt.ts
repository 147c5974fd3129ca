import type { AgentSettings, ChatMessage } from "../../../types/schemas.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import {
  countPrompt,
  type Prompt,
  type PromptMessage,
  trimMessages,
} from "../tokens/trim-messages.ts";
import type { Tool } from "../tools/tool.ts";
import { shareContext } from "./share-context.ts";
import { systemPrompt } from "./system-prompt.ts";

/** A conversation as it stands before the answer. */
export interface Conversation {
  agent: AgentSettings;
  /** Earlier messages, oldest first. */
  history: Pick<ChatMessage, "user_id" | "agent_id" | "content">[];
  /** The message to answer, and its author. */
  message: string;
  userId: string;
  /** Names of authors by their ids. */
  names: ReadonlyMap<string, string>;
}

/**
 * What the model is asked to answer a message: the agent's instructions, and the newest messages
 * that fit its context_window_size. Where more than the caller and the agent have spoken, each
 * message says who wrote it. Tools share the window (see share-context.ts): those returned fit, and
 * their definitions are within `tokens`. Throws 422 `context_too_long`.
 */
export function chatPrompt(
  { agent, history, message, userId, names }: Conversation,
  count: CountTokens,
  offered: readonly Tool[] = [],
): { prompt: Prompt; tokens: number; tools: Tool[] } {
  const isShared = history.some(
    ({ user_id, agent_id }) => agent_id !== agent.id && user_id !== userId,
  );
  const said = (authorId: string | null, content: string) =>
    isShared ? `${(authorId && names.get(authorId)) || "Someone"}: ${content}` : content;

  const turns = history.map(({ user_id, agent_id, content }): PromptMessage => {
    return agent_id === agent.id
      ? { role: "assistant", content }
      : { role: "user", content: said(user_id ?? agent_id, content) };
  });
  const last: PromptMessage = { role: "user", content: said(userId, message) };
  const least = countPrompt({ system: systemPrompt(agent, true), messages: [last] }, count);
  const { tools, toolTokens, promptLimit } = shareContext(
    offered,
    { window: agent.context_window_size, least },
    count,
  );
  const trimmed = trimMessages(
    { system: systemPrompt(agent, tools.length > 0), messages: [...turns, last] },
    promptLimit,
    count,
  );
  // Some providers want the first turn to be the user's.
  const first = trimmed.prompt.messages.findIndex(({ role }) => role === "user");
  const messages = trimmed.prompt.messages.slice(first);
  const prompt = { ...trimmed.prompt, messages };
  return { prompt, tokens: trimmed.tokens + toolTokens, tools };
}
