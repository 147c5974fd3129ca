import type { ToolCallRecord } from "../../../types/schemas.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Log } from "../log.ts";
import type { ModelToolCall } from "../model/model-answer.ts";
import type { Tool, ToolOutcome } from "../tools/tool.ts";
import type { ContextRoom } from "./context-room.ts";

/** Most calls that a model may ask for at once; they are made at the same time. */
const MOST_CALLS = 8;

/** A call that is over, with what the model is shown of it. */
export interface ToolResult extends ToolCallRecord {
  text: string;
  isTruncated: boolean;
}

/**
 * Makes the calls of one round at the same time and yields each as it ends; returns them in the
 * order in which they were asked for. What cannot be called is answered with a sentence.
 */
export async function* callTools(
  calls: readonly ModelToolCall[],
  tools: readonly Tool[],
  { room, signal, log }: { room: ContextRoom; signal: AbortSignal; log: Log },
): AsyncGenerator<ToolResult, ToolResult[]> {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const begun = performance.now();
  const running = new Map(
    calls.map((call, at) => [
      at,
      outcomeOf(call, at, byName, signal, log).then((outcome) => ({ at, call, outcome })),
    ]),
  );

  const results: ToolResult[] = [];
  while (running.size > 0) {
    const { at, call, outcome } = await Promise.race(running.values());
    running.delete(at);
    const { text, isShortened } = room.fit(outcome, running.size);
    const result: ToolResult = {
      id: call.id,
      name: call.name,
      status: outcome.status,
      duration_ms: Math.round(performance.now() - begun),
      text,
      isTruncated: outcome.isTruncated || isShortened,
    };
    results[at] = result;
    yield result;
  }
  return results;
}

async function outcomeOf(
  { name, input, isMalformed }: ModelToolCall,
  at: number,
  tools: ReadonlyMap<string, Tool>,
  signal: AbortSignal,
  log: Log,
): Promise<ToolOutcome> {
  const tool = tools.get(name);
  if (!tool) {
    return failed(`There is no tool of that name. There are: ${[...tools.keys()].join(", ")}.`);
  }
  if (isMalformed) {
    return failed("The input is no JSON object. Call the tool again with one.");
  }
  if (at >= MOST_CALLS) {
    return failed(`Not called: at most ${MOST_CALLS} calls are made at once. Ask again for it.`);
  }
  try {
    return await tool.call(input, signal);
  } catch (error) {
    log("error", "a tool threw", { tool: name, error: describeError(error) });
    return failed("Something went wrong on our side. It may or may not have been done.");
  }
}

function failed(text: string): ToolOutcome {
  return { status: "failed", text, isTruncated: false };
}
