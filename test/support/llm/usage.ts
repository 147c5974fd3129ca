import type { LlmMessage } from "./reply.ts";

/** Tokens of a request and its answer: a quarter of the characters, so that tests can foretell them. */
export function usageOf(
  messages: LlmMessage[],
  reply: string,
): { prompt: number; completion: number } {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return { prompt: Math.ceil(characters / 4), completion: Math.ceil(reply.length / 4) };
}
