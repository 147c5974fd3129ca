import { generateText } from "ai";
import { callSignal } from "./call-signal.ts";
import { checkAnswer } from "./check-answer.ts";
import type { ModelAnswer } from "./model-answer.ts";
import type { ModelRequest } from "./model-request.ts";
import { quietSdk } from "./quiet-sdk.ts";
import { sdkCall } from "./sdk-call.ts";
import { toModelCall } from "./sdk-tools.ts";
import { toModelFailure } from "./to-model-failure.ts";

/** Asks a model and waits for its whole answer. Throws a `ModelFailure`, or the signal's reason. */
export async function generate(request: ModelRequest): Promise<ModelAnswer> {
  const { settings, count } = request;
  quietSdk();
  try {
    const result = await generateText({
      ...sdkCall(request),
      abortSignal: callSignal(settings.timeoutMs, request.signal),
    });
    return checkAnswer({
      text: result.text,
      model: settings.model,
      finishReason: result.finishReason,
      usage: {
        promptTokens: result.usage.inputTokens ?? request.promptTokens,
        completionTokens: result.usage.outputTokens ?? count(result.text),
      },
      toolCalls: request.tools?.length ? result.toolCalls.map(toModelCall) : [],
      messages: result.response.messages.filter(({ role }) => role === "assistant"),
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw toModelFailure(error, settings);
  }
}
