import type { ModelMessage } from "ai";
import type { ToolCallRecord } from "../../../types/schemas.ts";
import type { Log } from "../log.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import type { ModelAnswer, ModelToolCall, TokenUsage } from "../model/model-answer.ts";
import { ModelFailure } from "../model/model-failure.ts";
import type { ModelRequest } from "../model/model-request.ts";
import type { Tool } from "../tools/tool.ts";
import { callTools, type ToolResult } from "./call-tools.ts";
import { contextRoom } from "./context-room.ts";

/** Most questions to the model for one answer; in the last it has to answer without tools. */
export const MOST_ROUNDS = 8;

/** An answer to be found, with the help of tools where there are any. */
export interface ToolLoop {
  request: ModelRequest & { signal: AbortSignal };
  tools: readonly Tool[];
  /** Whether it may do without them, where a model refuses to be told of tools. */
  areToolsOptional?: boolean;
  /** The agent's context_window_size, which the tools' results stay within. */
  contextTokens: number;
  /** Asks the model once, and yields what it says if it can say it piece by piece. */
  ask: (request: ModelRequest) => AsyncGenerator<string, ModelAnswer>;
  /** Enters a question of so many tokens into the ledger, before it is asked. */
  enter: (promptTokens: number) => Promise<LedgerEntry>;
  log: Log;
}

/** What happens on the way to an answer. */
export type LoopEvent =
  | { type: "text"; text: string }
  | { type: "call"; call: ModelToolCall }
  | { type: "result"; result: ToolResult };

/** An answer and what it took, all questions together. */
export interface LoopAnswer {
  /** What the model said last. */
  text: string;
  model: string;
  finishReason: string;
  usage: TokenUsage;
  /** Null when a question had no known price. */
  costUsd: number | null;
  calls: ToolCallRecord[];
}

/**
 * Asks the model, makes the calls it asks for, shows it their results, and so on until it answers;
 * at most MOST_ROUNDS times. Every question is its own entry in the ledger, settled whatever
 * happens, so a used-up budget ends the loop (402 `model_budget_exceeded`). Not every model knows
 * tools: a first question that is refused is asked again without those that are optional.
 *
 * Throws a `ModelFailure`, what the ledger refuses, or the signal's reason.
 */
export async function* toolLoop(loop: ToolLoop): AsyncGenerator<LoopEvent, LoopAnswer> {
  const { request, enter, log } = loop;
  let { tools } = loop;
  const { signal } = request;
  const room = contextRoom(loop.contextTokens, request.promptTokens, request.count);
  const usage: TokenUsage = { promptTokens: 0, completionTokens: 0 };
  const further: ModelMessage[] = [];
  const calls: ToolCallRecord[] = [];
  let costUsd: number | null = 0;

  for (let round = 1; ; round += 1) {
    const mayCallTools = tools.length > 0 && round < MOST_ROUNDS && room.isOpen();
    const promptTokens = room.used();
    const question = { ...request, promptTokens, tools, further, mayCallTools };
    let asked: { answer: ModelAnswer; cost: number | null };
    try {
      asked = yield* askOnce(question, await enter(promptTokens), loop.ask);
    } catch (error) {
      if (round === 1 && mayCallTools && loop.areToolsOptional && isRefusal(error)) {
        log("warn", "a model was asked again without tools", { model: request.settings.model });
        tools = [];
        continue;
      }
      throw error;
    }
    const { answer, cost } = asked;

    usage.promptTokens += answer.usage.promptTokens;
    usage.completionTokens += answer.usage.completionTokens;
    costUsd = costUsd === null || cost === null ? null : costUsd + cost;
    if (answer.toolCalls.length === 0) {
      const { text, model, finishReason } = answer;
      return { text, model, finishReason, usage, costUsd, calls };
    }

    further.push(...answer.messages);
    room.take(answer.text);
    for (const call of answer.toolCalls) {
      room.take(call.name + JSON.stringify(call.input ?? null));
      yield { type: "call", call };
    }
    const results = yield* called(callTools(answer.toolCalls, tools, { room, log, signal }));
    calls.push(...results.map(recordOf));
    further.push({ role: "tool", content: results.map(resultPart) });
    signal.throwIfAborted();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ModelFailure && error.code === "model_refused";
}

async function* askOnce(
  request: ModelRequest & { signal: AbortSignal },
  entry: LedgerEntry,
  ask: ToolLoop["ask"],
): AsyncGenerator<LoopEvent, { answer: ModelAnswer; cost: number | null }> {
  let text = "";
  try {
    const pieces = ask({ ...request, onRetry: entry.retried });
    let next = await pieces.next();
    while (!next.done) {
      text += next.value;
      yield { type: "text", text: next.value };
      next = await pieces.next();
    }
    const answer = next.value;
    return { answer, cost: await entry.settle({ status: "completed", usage: answer.usage }) };
  } catch (error) {
    await entry.settle({
      status: request.signal.aborted ? "cancelled" : "failed",
      usage: text
        ? { promptTokens: request.promptTokens, completionTokens: request.count(text) }
        : { promptTokens: 0, completionTokens: 0 },
      error: error instanceof Error ? error.message : String(error),
    });
    throw error;
  }
}

async function* called(
  results: AsyncGenerator<ToolResult, ToolResult[]>,
): AsyncGenerator<LoopEvent, ToolResult[]> {
  let next = await results.next();
  while (!next.done) {
    yield { type: "result", result: next.value };
    next = await results.next();
  }
  return next.value;
}

/**
 * What is kept of a call beside the answer. Input and output are not in it: those of personal
 * connections are their owner's, and tool_execution_logs shows each to whom it may.
 */
export function recordOf({ id, name, status, duration_ms, text }: ToolResult): ToolCallRecord {
  const error = status === "completed" ? {} : { error: text.slice(0, 500) };
  return { id, name, status, duration_ms, ...error };
}

function resultPart({ id, name, status, text }: ToolResult) {
  const type = status === "completed" ? ("text" as const) : ("error-text" as const);
  return {
    type: "tool-result" as const,
    toolCallId: id,
    toolName: name,
    output: { type, value: text },
  };
}
