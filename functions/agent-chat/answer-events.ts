import { type ChatMessage, MESSAGE_MAX_CHARACTERS } from "../../types/schemas.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { errorBody } from "../_shared/errors/error-body.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { ServerSentEvent } from "../_shared/http/sse.ts";
import type { Log } from "../_shared/log.ts";
import type { LedgerEntry } from "../_shared/model/ledger.ts";
import type { ModelAnswer } from "../_shared/model/model-answer.ts";
import type { ModelRequest } from "../_shared/model/model-request.ts";
import { stream } from "../_shared/model/stream.ts";
import type { Place } from "./place.ts";
import type { ChatStore } from "./store.ts";

/** An answer about to be streamed. */
export interface PendingAnswer {
  place: Place;
  /** The stored message that is answered. */
  message: ChatMessage;
  request: ModelRequest & { signal: AbortSignal };
  entry: LedgerEntry;
  store: ChatStore;
  log: Log;
  correlationId: string;
}

/**
 * The events of one answer: `message`, `delta` …, then `done` or `error`.
 *
 * What the client has seen is kept: an answer that breaks off is stored with `metadata.partial`,
 * whether the model failed or the client went away, and the ledger gets what it took until then.
 */
export async function* answerEvents(pending: PendingAnswer): AsyncGenerator<ServerSentEvent> {
  const { place, message, request, entry, store, log, correlationId } = pending;
  const post = (text: string, metadata: Record<string, unknown>) =>
    store.postAnswer(place.channel.id, place.agent.id, text.slice(0, MESSAGE_MAX_CHARACTERS), {
      model: request.settings.model,
      in_reply_to: message.id,
      ...metadata,
    });
  let text = "";

  yield { event: "message", data: message };
  let answer: ModelAnswer;
  try {
    const pieces = stream({ ...request, onRetry: entry.retried });
    for (;;) {
      const next = await pieces.next();
      if (next.done) {
        answer = next.value;
        break;
      }
      text += next.value;
      yield { event: "delta", data: { text: next.value } };
    }
  } catch (error) {
    const isCancelled = request.signal.aborted;
    log(isCancelled ? "info" : "warn", "an answer broke off", { error: describeError(error) });
    await entry.settle({
      status: isCancelled ? "cancelled" : "failed",
      usage: text
        ? { promptTokens: request.promptTokens, completionTokens: request.count(text) }
        : { promptTokens: 0, completionTokens: 0 },
      error: isCancelled ? "The client went away." : (error as Error).message,
    });
    if (text.trim()) {
      const reason = isCancelled ? "cancelled" : codeOf(error);
      await post(text, { partial: true, reason }).catch((second) =>
        log("error", "a partial answer was not kept", { error: describeError(second) }),
      );
    }
    yield { event: "error", data: eventBody(error, correlationId) };
    return;
  }

  try {
    const { usage, finishReason } = answer;
    const cost_usd = await entry.settle({ status: "completed", usage });
    const posted = await post(answer.text, { finish_reason: finishReason });
    yield {
      event: "done",
      data: {
        message: posted,
        usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
        cost_usd,
      },
    };
  } catch (error) {
    log("error", "an answer was not stored", { error: describeError(error) });
    yield { event: "error", data: eventBody(error, correlationId) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof HttpError ? error.code : "internal_error";
}

function eventBody(error: unknown, correlationId: string): Record<string, unknown> {
  const { status: _, ...body } = errorBody(error, correlationId);
  return body;
}
