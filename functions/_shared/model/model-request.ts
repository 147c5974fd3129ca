import type { ModelMessage } from "ai";
import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Prompt } from "../tokens/trim-messages.ts";
import type { ModelSettings } from "./model-settings.ts";

/** A tool as a model is told of it. */
export interface ModelTool {
  name: string;
  description: string;
  /** JSON Schema of the input, of type object. */
  inputSchema: Record<string, unknown>;
}

/** One question to a model. */
export interface ModelRequest {
  settings: ModelSettings;
  prompt: Prompt;
  /** What came after the prompt: the calls of tools that the model asked for, and their results. */
  further?: ModelMessage[];
  /** What the model may call; with none it is not told of tools at all. */
  tools?: readonly ModelTool[];
  /** False when it has to answer now, with what it knows. */
  mayCallTools?: boolean;
  /** Our count of the prompt, for providers that send none. */
  promptTokens: number;
  maxTokens: number;
  temperature: number | null;
  /** Ends the call early; its reason is thrown. */
  signal?: AbortSignal | undefined;
  count: CountTokens;
  fetch?: typeof fetch;
  /** Told of each further attempt. */
  onRetry?: () => void;
}
