import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Prompt } from "../tokens/trim-messages.ts";
import type { ModelSettings } from "./model-settings.ts";

/** One question to a model. */
export interface ModelRequest {
  settings: ModelSettings;
  prompt: Prompt;
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
