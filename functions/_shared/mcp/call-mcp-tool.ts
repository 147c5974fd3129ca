import { mcpToolVerdict } from "../../../types/schemas.ts";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import { denyCall, type LoggedCall, loggedCall } from "../tools/logged-call.ts";
import type { ToolCaller, ToolOutcome } from "../tools/tool.ts";
import { toolFailureText } from "../tools/tool-failure.ts";
import { answerText } from "./answer-text.ts";
import { bearerOf } from "./bearer-of.ts";
import { MCP_LIMITS } from "./bounded-fetch.ts";
import type { McpDeps } from "./mcp-deps.ts";
import { withMcpSession } from "./mcp-session.ts";

/** A call of a tool that a server offers. */
export interface McpToolCall {
  caller: ToolCaller;
  connectionId: string;
  /** What the server calls it. */
  toolName: string;
  input: unknown;
  /** Aborts when nobody waits for the answer any more; the server is then told. */
  signal: AbortSignal;
}

/** What a model is told of a refusal. */
const REFUSALS: Record<string, string> = {
  mcp_connection_not_found: "The tool server is no longer connected.",
  mcp_connection_inactive: "The tool server is switched off.",
  mcp_tool_not_found: "The tool server no longer offers this tool.",
  mcp_tool_not_accepted:
    "The tool has changed since it was accepted. The agent's owner has to accept it first.",
  agent_not_runnable: "The person this is done for may not run this agent.",
  permission_denied: "The person this is done for may not let agents call tools.",
};
const MOST_INPUT_CHARACTERS = 200_000;
/** Beyond what a session takes: reading the secret, and leaving. */
const MARGIN_MS = 5_000;

/**
 * Calls a tool of a server for a person, if it is allowed at this moment; logged, redacted and cut.
 * Never throws: what goes wrong is an outcome in words for a model.
 */
export async function callMcpTool(call: McpToolCall, deps: McpDeps): Promise<ToolOutcome> {
  const { caller, connectionId, toolName, input, signal } = call;
  const { rpc, network, limits, log } = deps;
  const logged: LoggedCall = { caller, toolName, input, signal, mcpConnectionId: connectionId };

  let verdict: ReturnType<typeof mcpToolVerdict.parse>;
  try {
    verdict = mcpToolVerdict.parse(
      await rpc("authorize_mcp_tool_call", {
        p_connection_id: connectionId,
        p_tool_name: toolName,
        p_user_id: caller.userId,
      }),
    );
  } catch (error) {
    log("error", "a tool call was not judged", { tool: toolName, error: describeError(error) });
    return { status: "failed", text: toolFailureText(error), isTruncated: false };
  }
  if (!verdict.allowed || verdict.agent_id !== caller.agentId) {
    const reason = verdict.allowed ? "mcp_connection_not_found" : verdict.reason;
    const { mcpConnectionId, ...gone } = logged;
    return denyCall(
      reason === "mcp_connection_not_found" ? gone : { ...gone, mcpConnectionId: connectionId },
      REFUSALS[reason] ?? "The tool may not be called.",
      deps,
    );
  }
  const target = verdict;

  return loggedCall(
    logged,
    async (work) => {
      const given = objectOf(input);
      const bearer = await bearerOf(target, rpc);
      work.hide([bearer]);
      const server = { url: target.server_url, bearer, network, ...(limits ? { limits } : {}) };
      const answer = await withMcpSession(
        server,
        (session) => session.callTool(toolName, given),
        work.signal,
      );
      const text = answerText(answer);
      if (answer.isError) {
        throw new HttpError(502, "mcp_tool_failed", text.slice(0, 1000));
      }
      return text;
    },
    { rpc, log, timeoutMs: (limits?.timeoutMs ?? MCP_LIMITS.timeoutMs) + MARGIN_MS },
  );
}

function objectOf(input: unknown): Record<string, unknown> {
  const given = input ?? {};
  if (typeof given !== "object" || Array.isArray(given)) {
    throw new HttpError(400, "tool_input_invalid", "The input of the tool must be a JSON object.");
  }
  if (JSON.stringify(given).length > MOST_INPUT_CHARACTERS) {
    throw new HttpError(413, "tool_input_too_large", "The input of the tool is too large.");
  }
  return given as Record<string, unknown>;
}
