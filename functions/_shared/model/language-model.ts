import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModel } from "ai";
import type { ModelSettings } from "./model-settings.ts";

/** The AI SDK's model for the settings, over the given fetch. */
export function languageModel(
  settings: ModelSettings,
  fetch: typeof globalThis.fetch,
): LanguageModel {
  if (settings.provider === "anthropic") {
    return createAnthropic({
      apiKey: settings.apiKey ?? "",
      ...(settings.baseUrl ? { baseURL: settings.baseUrl } : {}),
      fetch,
    })(settings.model);
  }
  const baseURL = settings.baseUrl ?? "";
  return createOpenAICompatible({
    name: "openai-compatible",
    baseURL,
    ...(settings.apiKey ? { apiKey: settings.apiKey } : {}),
    includeUsage: true,
    fetch,
    // OpenAI's own newer models take the limit under its newer name only.
    ...(new URL(baseURL).hostname === "api.openai.com" ? { transformRequestBody: newerLimit } : {}),
  }).chatModel(settings.model);
}

function newerLimit({ max_tokens, ...body }: Record<string, unknown>): Record<string, unknown> {
  return { ...body, max_completion_tokens: max_tokens };
}
