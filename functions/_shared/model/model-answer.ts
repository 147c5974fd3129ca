import type { ModelMessage } from "ai";

/** Tokens a call took, as the provider says or, where it is silent, as we count. */
export interface TokenUsage {
  promptTokens: number;
  completionTokens: number;
}

/** A call of a tool that a model asks for. */
export interface ModelToolCall {
  id: string;
  name: string;
  input: unknown;
  /** Whether the input is no JSON object. */
  isMalformed: boolean;
}

/** A model's whole answer. */
export interface ModelAnswer {
  text: string;
  model: string;
  finishReason: string;
  usage: TokenUsage;
  /** What it wants called before it answers; none when this is its answer. */
  toolCalls: ModelToolCall[];
  /** The answer as the model is shown it again, together with the results of those calls. */
  messages: ModelMessage[];
}
