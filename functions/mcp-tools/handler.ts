import type { z } from "zod";
import {
  type McpCallResult,
  type McpConnection,
  type McpListResult,
  type McpManifestResult,
  mcpConnection,
  type mcpToolsBody,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { callMcpTool } from "../_shared/mcp/call-mcp-tool.ts";
import type { McpDeps } from "../_shared/mcp/mcp-deps.ts";
import { refreshMcpConnection } from "../_shared/mcp/refresh-connection.ts";
import { chargeRequest } from "../_shared/quotas/charge-request.ts";
import type { McpConnect, McpStore } from "./store.ts";

type Body = z.output<typeof mcpToolsBody>;

/** What mcp-tools takes; tests give their own. */
export interface McpToolsTools extends McpDeps {
  userId: string;
  /** Acts as the user: what they may connect and see, the database decides. */
  store: McpStore;
  userRpc: Rpc;
  signal: AbortSignal;
}

/** Connects agents to tool servers, shows what these offer, has it accepted, and tries it. */
export async function handleMcpTools(
  body: Body,
  tools: McpToolsTools,
): Promise<McpManifestResult | McpListResult | McpCallResult> {
  switch (body.action) {
    case "connect":
      return connect(body, tools);
    case "list":
      return list(body.agent_id, tools);
    case "refresh": {
      const { id } = await seen(body.connection_id, tools);
      await tools.userRpc("request_mcp_refresh", { p_connection_id: id });
      return shown(await refreshed(id, tools), tools);
    }
    case "accept": {
      const { id } = await seen(body.connection_id, tools);
      const accepted = await tools.userRpc("accept_mcp_manifest", {
        p_connection_id: id,
        p_manifest_hash: body.manifest_hash,
      });
      return shown(mcpConnection.parse(accepted), tools);
    }
    case "call":
      return call(body, tools);
  }
}

/** Only a server that answers is kept. */
async function connect(body: McpConnect, tools: McpToolsTools): Promise<McpManifestResult> {
  const { store, rpc, log } = tools;
  const organizationId = await organizationOf(body.agent_id, tools);
  await chargeRequest(rpc, organizationId);
  const { id } = await store.insert(body, organizationId);
  try {
    return await shown(await refreshed(id, tools), tools);
  } catch (error) {
    await store.remove(id).catch((second) => {
      log("warn", "a connection that failed stayed", { error: describeError(second) });
    });
    throw error;
  }
}

async function list(agentId: string, tools: McpToolsTools): Promise<McpListResult> {
  await chargeRequest(tools.rpc, await organizationOf(agentId, tools));
  return {
    connections: await tools.store.connectionsOf(agentId),
    tools: await tools.store.toolsOf("agent_id", agentId),
  };
}

async function call(
  body: Extract<Body, { action: "call" }>,
  tools: McpToolsTools,
): Promise<McpCallResult> {
  const { id, agent_id } = await seen(body.connection_id, tools);
  const outcome = await callMcpTool(
    {
      caller: { agentId: agent_id, userId: tools.userId },
      connectionId: id,
      toolName: body.tool_name,
      input: body.arguments,
      signal: tools.signal,
    },
    tools,
  );
  return { status: outcome.status, text: outcome.text, is_truncated: outcome.isTruncated };
}

async function organizationOf(agentId: string, { store }: McpToolsTools): Promise<string> {
  const organizationId = await store.organizationOf(agentId);
  if (!organizationId) {
    throw new HttpError(404, "agent_not_found", "No agent with that id.", {
      hint: "Select from agents to see those you can reach.",
    });
  }
  return organizationId;
}

/** A connection that the user sees; their request is charged to its organization. */
async function seen(id: string, { store, rpc }: McpToolsTools): Promise<McpConnection> {
  const connection = await store.connection(id);
  if (!connection) {
    throw gone();
  }
  await chargeRequest(rpc, connection.organization_id);
  return connection;
}

async function refreshed(id: string, tools: McpToolsTools): Promise<McpConnection> {
  const connection = await refreshMcpConnection(id, tools, tools.signal);
  if (!connection) {
    throw gone();
  }
  return connection;
}

async function shown(
  connection: McpConnection,
  { store }: McpToolsTools,
): Promise<McpManifestResult> {
  return { connection, tools: await store.toolsOf("connection_id", connection.id) };
}

function gone(): HttpError {
  return new HttpError(404, "mcp_connection_not_found", "No MCP connection with that id.", {
    hint: "Select from agent_mcp_connections to see those you can reach.",
  });
}
