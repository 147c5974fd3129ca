import { streamText } from "ai";
import { callSignal } from "./call-signal.ts";
import { checkAnswer } from "./check-answer.ts";
import type { ModelAnswer, ModelToolCall } from "./model-answer.ts";
import type { ModelRequest } from "./model-request.ts";
import { quietSdk } from "./quiet-sdk.ts";
import { sdkCall } from "./sdk-call.ts";
import { toModelCall } from "./sdk-tools.ts";
import { toModelFailure } from "./to-model-failure.ts";

/**
 * Asks a model and yields its answer piece by piece; returns the whole. Throws a `ModelFailure`, or
 * the signal's reason, also in the middle.
 */
export async function* stream(request: ModelRequest): AsyncGenerator<string, ModelAnswer> {
  const { settings, count } = request;
  const abortSignal = callSignal(settings.timeoutMs, request.signal);
  quietSdk();
  try {
    const result = streamText({
      ...sdkCall(request),
      abortSignal,
      onError: () => {}, // thrown below instead of written to the console
    });

    let text = "";
    const toolCalls: ModelToolCall[] = [];
    let answer: ModelAnswer | undefined;
    for await (const part of result.fullStream) {
      if (part.type === "text-delta") {
        text += part.text;
        yield part.text;
      } else if (part.type === "tool-call" && request.tools?.length) {
        toolCalls.push(toModelCall(part));
      } else if (part.type === "error") {
        throw part.error;
      } else if (part.type === "abort") {
        throw abortSignal.reason;
      } else if (part.type === "finish") {
        answer = {
          text,
          model: settings.model,
          finishReason: part.finishReason,
          usage: {
            promptTokens: part.totalUsage.inputTokens ?? request.promptTokens,
            completionTokens: part.totalUsage.outputTokens ?? count(text),
          },
          toolCalls,
          messages: [],
        };
      }
    }
    if (!answer) {
      throw new Error("The stream ended before the answer did");
    }
    const { messages } = await result.response;
    answer.messages = messages.filter(({ role }) => role === "assistant");
    return checkAnswer(answer);
  } catch (error) {
    request.signal?.throwIfAborted();
    throw toModelFailure(error, settings);
  }
}
