import { HttpError } from "../errors/http-error.ts";
import type { CountTokens } from "./count-tokens.ts";

/** One turn of a conversation. */
export interface PromptMessage {
  role: "user" | "assistant";
  content: string;
}

/** What a model is asked: its instructions and the conversation, oldest message first. */
export interface Prompt {
  system: string;
  messages: PromptMessage[];
}

/** Tokens that a chat format spends around each message, and once to begin the answer. */
const PER_MESSAGE = 4;
const PER_PROMPT = 3;

/** Tokens of a whole prompt. */
export function countPrompt({ system, messages }: Prompt, count: CountTokens): number {
  return [system, ...messages.map(({ content }) => content)]
    .filter((text) => text !== "")
    .reduce((sum, text) => sum + count(text) + PER_MESSAGE, PER_PROMPT);
}

/**
 * Keeps the instructions, the last message and as many of the newest messages before it as fit
 * within the limit, each whole. Throws 422 `context_too_long` when the instructions and the last
 * message alone do not fit.
 */
export function trimMessages(
  prompt: Prompt,
  limit: number,
  count: CountTokens,
): { prompt: Prompt; tokens: number } {
  const last = prompt.messages.at(-1);
  const kept: PromptMessage[] = last ? [last] : [];
  let tokens = countPrompt({ system: prompt.system, messages: kept }, count);

  if (tokens > limit) {
    throw new HttpError(
      422,
      "context_too_long",
      `Instructions and message take ${tokens} tokens; the agent's context_window_size is ${limit}.`,
      { hint: "Shorten the text or raise the agent's context_window_size." },
    );
  }
  for (const message of prompt.messages.slice(0, -1).reverse()) {
    const more = count(message.content) + PER_MESSAGE;
    if (tokens + more > limit) {
      break;
    }
    tokens += more;
    kept.unshift(message);
  }
  return { prompt: { system: prompt.system, messages: kept }, tokens };
}
