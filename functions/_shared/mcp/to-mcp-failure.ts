// @ts-types="@modelcontextprotocol/sdk/client/streamableHttp"
import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { HttpError } from "../errors/http-error.ts";
import { OutboundFailure } from "../guard/outbound-failure.ts";
import { McpFailure, quoted } from "./mcp-failure.ts";

/** What the SDK or the guard threw, as a failure that people and models may read. */
export function toMcpFailure(error: unknown, secrets: readonly (string | null)[]): HttpError {
  if (error instanceof OutboundFailure && error.code === "outbound_timeout") {
    return timedOut(error);
  }
  if (error instanceof HttpError) {
    return error;
  }
  if (error instanceof StreamableHTTPError) {
    return httpFailure(error);
  }
  if (error instanceof McpError) {
    if (error.code === ErrorCode.RequestTimeout) {
      return timedOut(error);
    }
    // The SDKs of both sides begin the sentence with the code.
    const words = quoted(error.message.replace(/^(MCP error -?\d+:\s*)+/, ""), secrets);
    return new McpFailure("mcp_refused", `The tool server refuses: ${words || "no reason given"}`, {
      cause: error,
    });
  }
  return new McpFailure("mcp_bad_answer", "What the tool server says is no MCP.", {
    hint: "Check that the address is that of an MCP server over streamable HTTP.",
    cause: error,
  });
}

function timedOut(cause: unknown): McpFailure {
  return new McpFailure("mcp_timeout", "The tool server took too long.", { cause });
}

function httpFailure(error: StreamableHTTPError): McpFailure {
  const status = error.code ?? -1;
  if (status === 401 || status === 403) {
    return new McpFailure("mcp_unauthorized", "The tool server does not let us in.", {
      hint: "Set the secret that it takes as bearer token, or replace it.",
      cause: error,
    });
  }
  if (status === -1) {
    return new McpFailure("mcp_bad_answer", "What the tool server says is no MCP.", {
      hint: "Check that the address is that of an MCP server over streamable HTTP.",
      cause: error,
    });
  }
  if (status >= 300 && status < 400) {
    return new McpFailure("mcp_unreachable", "The tool server sends us to another address.", {
      hint: "Give its final address.",
      cause: error,
    });
  }
  return new McpFailure("mcp_unreachable", `The tool server answers with HTTP ${status}.`, {
    cause: error,
  });
}
