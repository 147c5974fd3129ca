import type { CountTokens } from "../tokens/count-tokens.ts";

/** How a call of a tool ended; the same words as in `tool_execution_logs.status`. */
export type ToolCallStatus = "completed" | "failed" | "denied" | "cancelled";

/** What a call of a tool came to. Calls never throw: a model reads its failures, too. */
export interface ToolOutcome {
  status: ToolCallStatus;
  /** For the model: the output, as JSON unless it is a text, or a sentence that says what to do. */
  text: string;
  /** Whether the output was longer than what is passed on. */
  isTruncated: boolean;
  /** The text within so many tokens, where it can be shortened better than in its middle. */
  shorten?: (limit: number, count: CountTokens) => string;
}

/** A tool that an agent may use in one run, wherever it comes from. */
export interface Tool {
  /** Unlike every other name in the run; what providers of models take: `^[a-zA-Z0-9_-]{1,64}$`. */
  name: string;
  description: string;
  /** JSON Schema of the input, of type object. */
  inputSchema: Record<string, unknown>;
  /** Calls it; logged, capped and redacted. Ends as `cancelled` when the signal aborts. */
  call(input: unknown, signal: AbortSignal): Promise<ToolOutcome>;
}

/** For whom a tool is called, and in the course of what. */
export interface ToolCaller {
  agentId: string;
  /** Whose run or conversation it is: what this person may not do, the agent may not either. */
  userId: string | null;
  /** The step of a task run, or else the channel of a conversation. */
  runStepId?: string | null;
  channelId?: string | null;
}
