import { languageModel } from "./language-model.ts";
import { modelFetch, PATIENCE } from "./model-fetch.ts";
import type { ModelRequest } from "./model-request.ts";
import { sdkTools } from "./sdk-tools.ts";

/** What the AI SDK is told of a request, whether the answer is streamed or not. */
export function sdkCall(request: ModelRequest) {
  const { settings, prompt, maxTokens, temperature } = request;
  return {
    model: languageModel(
      settings,
      modelFetch({
        ...PATIENCE,
        fetch: request.fetch ?? settings.fetch,
        onRetry: request.onRetry ?? (() => {}),
      }),
    ),
    system: prompt.system || undefined,
    messages: [...prompt.messages, ...(request.further ?? [])],
    ...sdkTools(request),
    maxOutputTokens: maxTokens,
    ...(temperature === null ? {} : { temperature }),
    // Retries are the fetch's, which counts them.
    maxRetries: 0,
  };
}
