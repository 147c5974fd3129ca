import { type ChatMessage, MESSAGE_MAX_CHARACTERS } from "../../types/schemas.ts";
import type { ToolResult } from "../_shared/agent/call-tools.ts";
import type { Sources } from "../_shared/agent/sources.ts";
import {
  type LoopAnswer,
  type LoopEvent,
  recordOf,
  type ToolLoop,
  toolLoop,
} from "../_shared/agent/tool-loop.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { errorBody } from "../_shared/errors/error-body.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { ServerSentEvent } from "../_shared/http/sse.ts";
import type { Log } from "../_shared/log.ts";
import { stream } from "../_shared/model/stream.ts";
import type { Place } from "./place.ts";
import type { ChatStore } from "./store.ts";

/** An answer about to be streamed. */
export interface PendingAnswer extends Omit<ToolLoop, "ask"> {
  place: Place;
  /** The stored message that is answered. */
  message: ChatMessage;
  store: ChatStore;
  /** The passages that the model is given. */
  sources: Sources;
  log: Log;
  correlationId: string;
}

/** Most characters of a tool's input or output in an event; the log has more. */
const SHOWN_CHARACTERS = 2_000;

/**
 * The events of one answer: `message`, then `delta`, `tool_call` and `tool_result` as they come,
 * then `done` or `error`.
 *
 * What the client has seen is kept: an answer that breaks off is stored with `metadata.partial`,
 * whether the model failed or the client went away, and the ledger gets what it took until then.
 */
export async function* answerEvents(pending: PendingAnswer): AsyncGenerator<ServerSentEvent> {
  const { place, message, request, store, sources, log, correlationId } = pending;
  const results: ToolResult[] = [];
  const post = (text: string, metadata: Record<string, unknown>) => {
    const citations = sources.citedIn(text);
    return store.postAnswer(
      place.channel.id,
      place.agent.id,
      text.slice(0, MESSAGE_MAX_CHARACTERS),
      {
        model: request.settings.model,
        in_reply_to: message.id,
        ...(results.length > 0 ? { tool_calls: results.map(recordOf) } : {}),
        ...(citations.length > 0 ? { citations } : {}),
        ...metadata,
      },
    );
  };
  let text = "";

  yield { event: "message", data: message };
  let answer: LoopAnswer;
  try {
    const events = toolLoop({ ...pending, ask: stream });
    let isResumed = false;
    for (;;) {
      const next = await events.next();
      if (next.done) {
        answer = next.value;
        break;
      }
      const event = next.value;
      if (event.type === "text") {
        // What is said before and after tools are called is not one sentence.
        const piece = isResumed && text ? `\n\n${event.text}` : event.text;
        isResumed = false;
        text += piece;
        yield { event: "delta", data: { text: piece } };
        continue;
      }
      isResumed = true;
      if (event.type === "result") {
        results.push(event.result);
      }
      yield toolEvent(event);
    }
  } catch (error) {
    const isCancelled = request.signal.aborted;
    log(isCancelled ? "info" : "warn", "an answer broke off", { error: describeError(error) });
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
    const { usage, finishReason, costUsd: cost_usd } = answer;
    const posted = await post(text, { finish_reason: finishReason });
    yield {
      event: "done",
      data: {
        message: posted,
        citations: sources.citedIn(text),
        usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
        cost_usd,
      },
    };
  } catch (error) {
    log("error", "an answer was not stored", { error: describeError(error) });
    yield { event: "error", data: eventBody(error, correlationId) };
  }
}

function toolEvent(event: Exclude<LoopEvent, { type: "text" }>): ServerSentEvent {
  if (event.type === "call") {
    const { id, name, input } = event.call;
    const shown = JSON.stringify(input ?? null).slice(0, SHOWN_CHARACTERS);
    return { event: "tool_call", data: { id, name, input: shown } };
  }
  const { result } = event;
  return {
    event: "tool_result",
    data: {
      ...recordOf(result),
      text: result.text.slice(0, SHOWN_CHARACTERS),
      is_truncated: result.isTruncated || result.text.length > SHOWN_CHARACTERS,
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof HttpError ? error.code : "internal_error";
}

function eventBody(error: unknown, correlationId: string): Record<string, unknown> {
  const { status: _, ...body } = errorBody(error, correlationId);
  return body;
}
