import type { ModelRequest } from "../../functions/_shared/model/model-request.ts";
import type { ModelSettings } from "../../functions/_shared/model/model-settings.ts";
import type { ScriptedLlm } from "../support/llm/index.ts";

/** Settings that lead to the scripted server. */
export function settingsFor(llm: ScriptedLlm, more: Partial<ModelSettings> = {}): ModelSettings {
  return {
    provider: "openai-compatible",
    baseUrl: llm.url,
    apiKey: "test-key-1234",
    model: "scripted",
    fetch,
    timeoutMs: 5_000,
    ...more,
  };
}

/** A question to the scripted server; a fresh model name keeps `times=` counters apart. */
export function requestTo(
  llm: ScriptedLlm,
  content: string,
  more: Partial<ModelRequest> & { settings?: ModelSettings } = {},
): ModelRequest {
  return {
    settings: settingsFor(llm),
    prompt: { system: "You are a test.", messages: [{ role: "user", content }] },
    promptTokens: 17,
    maxTokens: 100,
    temperature: null,
    count: (text) => text.length,
    ...more,
  };
}
