import type { LlmMessage } from "./reply.ts";

/** A request as both protocols agree on it. */
export interface LlmRequest {
  messages: LlmMessage[];
  model: string;
  stream: boolean;
  maxTokens: number | null;
  /** Whether a stream should end with its usage. */
  wantsUsage: boolean;
  /** Names of the tools it is told of. */
  tools: string[];
  /** Whether it may call them. */
  mayCallTools: boolean;
}

/** A call of a tool; its input is text that should be JSON. */
export interface LlmCall {
  id: string;
  name: string;
  input: string;
}

/** An answer as both protocols can say it. */
export interface LlmAnswer {
  text: string;
  finish: "stop" | "length" | "calls";
  calls: LlmCall[];
  usage: { prompt: number; completion: number } | null;
}

/** How a protocol reads requests and writes answers. */
export interface Protocol {
  read(body: Record<string, unknown>): LlmRequest;
  /** The whole answer. */
  whole(request: LlmRequest, answer: LlmAnswer): unknown;
  /** The pieces of a stream, each a complete server-sent event. */
  pieces(request: LlmRequest, answer: LlmAnswer): string[];
  error(status: number, message: string): unknown;
}

/** Cuts a text into words with the white space before them. */
export function words(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** A text in two pieces, as streams cut what belongs together. */
export function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

/** Content as text, whether it came as a string or as parts. */
export function textOf(content: unknown): string {
  if (typeof content === "string") {
    return content;
  }
  return Array.isArray(content)
    ? content.map((part) => (part as { text?: string }).text ?? "").join("")
    : "";
}
