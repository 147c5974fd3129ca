import type { AgentSettings, ChatMessage } from "../../../types/schemas.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import {
  countPrompt,
  type Prompt,
  type PromptMessage,
  trimMessages,
} from "../tokens/trim-messages.ts";
import type { Tool } from "../tools/tool.ts";
import { type Background, fitBackground, noBackground } from "./background.ts";
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
 * their definitions are within `tokens`. The background goes before the message, in half of the
 * prompt's room, or in all that earlier messages leave. Throws 422 `context_too_long`.
 */
export function chatPrompt(
  { agent, history, message, userId, names }: Conversation,
  count: CountTokens,
  offered: readonly Tool[] = [],
  background: Omit<Background, "tools"> = noBackground(),
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
  const hasTools = tools.length > 0;
  const whole = countPrompt(
    { system: systemPrompt(agent, hasTools), messages: [...turns, last] },
    count,
  );
  const bare = countPrompt({ system: systemPrompt(agent, hasTools), messages: [last] }, count);
  const room = Math.max(promptLimit - whole, Math.floor((promptLimit - bare) / 2));
  const { text, rules } = fitBackground(background, room, count);
  const trimmed = trimMessages(
    {
      system: systemPrompt(agent, hasTools, rules),
      messages: [...turns, { ...last, content: [text, last.content].filter(Boolean).join("\n\n") }],
    },
    promptLimit,
    count,
  );
  // Some providers want the first turn to be the user's.
  const first = trimmed.prompt.messages.findIndex(({ role }) => role === "user");
  const messages = trimmed.prompt.messages.slice(first);
  const prompt = { ...trimmed.prompt, messages };
  return { prompt, tokens: trimmed.tokens + toolTokens, tools };
}
