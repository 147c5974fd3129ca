import { beginToolCallInput, finishToolCallInput, uuid } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import type { Log } from "../log.ts";
import { cleanDocument } from "./clean-document.ts";
import type { ToolCaller, ToolCallStatus, ToolOutcome } from "./tool.ts";
import { ToolDenied, toolFailureText } from "./tool-failure.ts";

/** A call of a tool, as `tool_execution_logs` knows it. */
export interface LoggedCall {
  caller: ToolCaller;
  toolName: string;
  input: unknown;
  /** Of a capability. */
  connectionId?: string;
  capabilityKey?: string;
  /** Of a tool of an MCP server. */
  mcpConnectionId?: string;
  /** Aborts when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** What a call goes through. */
export interface LoggedCallDeps {
  /** As the service, in the name of the agent. */
  rpc: Rpc;
  log: Log;
  /** How long the work may take (60 s). */
  timeoutMs?: number;
  /** How much of an output a model is shown (24,000). */
  maxOutputCharacters?: number;
}

/** What the work of a call has. */
export interface LoggedWork {
  /** Aborts with the caller, and when time is over. */
  signal: AbortSignal;
  /** Takes these texts out of the output, of failures and of the log. */
  hide(secrets: readonly (string | null | undefined)[]): void;
}

/** The largest document that is sent to the log; the database cuts it further. */
const MOST_LOGGED_CHARACTERS = 100_000;

/**
 * Runs a tool between the opening and the closing of its row in the log. Never throws: whatever
 * goes wrong becomes sentences for the model and a row with its status. `work` throws an
 * `HttpError` whose sentences may be shown, or `ToolDenied`; all else is told to the log alone.
 */
export async function loggedCall(
  call: LoggedCall,
  work: (context: LoggedWork) => Promise<unknown>,
  deps: LoggedCallDeps,
): Promise<ToolOutcome> {
  const { rpc, log, timeoutMs = 60_000, maxOutputCharacters = 24_000 } = deps;
  const secrets: string[] = [];

  let id: string;
  try {
    id = uuid.parse(await rpc("begin_tool_call", beginArguments(call)));
  } catch (error) {
    if (error instanceof HttpError && error.status === 403) {
      // Taken back since it was authorized.
      return denyCall(call, toolFailureText(error), deps);
    }
    log("error", "a tool call was not begun", {
      tool: call.toolName,
      error: describeError(error),
    });
    return failed("failed", toolFailureText(error));
  }

  let outcome: ToolOutcome;
  let output: unknown;
  try {
    const result = await within(timeoutMs, call.signal, (signal) =>
      work({
        signal,
        hide: (more) => secrets.push(...more.filter((secret) => typeof secret === "string")),
      }),
    );
    output = cleanDocument(result, secrets);
    outcome = shown(output, maxOutputCharacters);
  } catch (error) {
    const status: ToolCallStatus = call.signal.aborted
      ? "cancelled"
      : error instanceof ToolDenied
        ? "denied"
        : "failed";
    if (status === "failed" && !(error instanceof HttpError)) {
      log("error", "a tool failed", { tool: call.toolName, error: describeError(error) });
    }
    outcome = failed(
      status,
      status === "cancelled"
        ? "The call was cancelled; what it was to change may have changed."
        : toolFailureText(error, secrets),
    );
  }

  try {
    const isCompleted = outcome.status === "completed";
    await rpc(
      "finish_tool_call",
      finishToolCallInput.parse({
        p_id: id,
        p_status: outcome.status,
        p_output: isCompleted ? loggable(output) : null,
        p_error: isCompleted ? null : outcome.text,
      }),
    );
  } catch (error) {
    // The answer is there, and must not be lost for its receipt; the engine closes the row.
    log("error", "a tool call was not finished", { call: id, error: describeError(error) });
  }
  return outcome;
}

/** Enters a call into the log that is not made, and answers so. */
export async function denyCall(
  call: LoggedCall,
  reason: string,
  { rpc, log }: Pick<LoggedCallDeps, "rpc" | "log">,
): Promise<ToolOutcome> {
  try {
    await rpc("begin_tool_call", { ...beginArguments(call), p_refusal: reason });
  } catch (error) {
    log("error", "a denied tool call was not logged", {
      tool: call.toolName,
      error: describeError(error),
    });
  }
  return failed("denied", reason);
}

function beginArguments(call: LoggedCall): Record<string, unknown> {
  const { agentId, userId, runStepId, channelId } = call.caller;
  return beginToolCallInput.parse({
    p_agent_id: agentId,
    p_tool_name: call.toolName,
    p_input: loggable(safely(call.input)),
    p_connection_id: call.connectionId ?? null,
    p_capability_key: call.capabilityKey ?? null,
    p_mcp_connection_id: call.mcpConnectionId ?? null,
    p_run_step_id: runStepId ?? null,
    p_channel_id: channelId ?? null,
    p_user_id: userId,
  });
}

/** What a model wrote may be anything. */
function safely(input: unknown): unknown {
  try {
    return cleanDocument(input);
  } catch {
    return { invalid: true };
  }
}

function loggable(document: unknown): unknown {
  const characters = JSON.stringify(document).length;
  if (characters > MOST_LOGGED_CHARACTERS) {
    return { truncated: true, characters };
  }
  // Not every server of the API takes a bare text as JSON.
  return typeof document === "string" ? { text: document } : document;
}

function shown(output: unknown, most: number): ToolOutcome {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  if (text.length <= most) {
    return { status: "completed", text, isTruncated: false };
  }
  // Not between the halves of a pair.
  const beginning = text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
  return {
    status: "completed",
    text: `${beginning}\n[Cut here: these are ${most} of ${text.length} characters. Ask for less.]`,
    isTruncated: true,
  };
}

function failed(status: ToolCallStatus, text: string): ToolOutcome {
  return { status, text, isTruncated: false };
}

/** Ends with the work, with the caller or when time is over, also when the work heeds no signal. */
async function within<T>(
  timeoutMs: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller.throwIfAborted();
  const own = new AbortController();
  let onAbort = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      reject(reason);
      own.abort(reason);
    };
    onAbort = () => stop(caller.reason);
    caller.addEventListener("abort", onAbort, { once: true });
    timer = setTimeout(() => stop(tooSlow(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work(own.signal), end]);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener("abort", onAbort);
    // Whatever of the work goes on is of no use any more.
    own.abort();
  }
}

function tooSlow(timeoutMs: number): HttpError {
  return new HttpError(
    504,
    "tool_timeout",
    `The tool did not answer within ${Math.ceil(timeoutMs / 1000)} seconds.`,
    { hint: "What it was to change may have changed; look before trying again." },
  );
}
