import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

/** Least and most minutes between two refreshes of what a server offers. */
const refreshInterval = z.int().min(5).max(10_080);

/** `accept_mcp_manifest`: of the agent's owner, or `agents.manage`; the hash as it was shown. */
export const acceptMcpManifestInput = z.object({
  p_connection_id: uuid,
  p_manifest_hash: z.string(),
});
/** Arguments of `accept_mcp_manifest`. */
export type AcceptMcpManifestInput = z.infer<typeof acceptMcpManifestInput>;

/** `request_mcp_refresh`: of the agent's owner, or `agents.manage`. */
export const requestMcpRefreshInput = z.object({ p_connection_id: uuid });
/** Arguments of `request_mcp_refresh`. */
export type RequestMcpRefreshInput = z.infer<typeof requestMcpRefreshInput>;

/** A tool as a server offers it, beside the form models take. */
export const mcpManifestTool = z.object({
  name: z.string(),
  description: z.string(),
  /** JSON Schema of the input, as the server gave it. */
  schema: jsonObject,
  openai: z.object({
    type: z.literal("function"),
    function: z.object({ name: z.string(), description: z.string(), parameters: jsonObject }),
  }),
});
/** A tool as a server offers it, beside the form models take. */
export type McpManifestTool = z.infer<typeof mcpManifestTool>;

/** `save_mcp_manifest` (service role): what a server offers. */
export const saveMcpManifestInput = z.object({
  p_connection_id: uuid,
  p_server_url: z.string(),
  p_tools: z.array(mcpManifestTool).max(100),
  p_server_info: jsonObject.nullable().optional(),
  /** What is to be known about it, such as tools that were left out. */
  p_note: z.string().nullable().optional(),
});
/** Arguments of `save_mcp_manifest`. */
export type SaveMcpManifestInput = z.infer<typeof saveMcpManifestInput>;

/** `fail_mcp_refresh` (service role): that a server did not say what it offers. */
export const failMcpRefreshInput = z.object({
  p_connection_id: uuid,
  p_server_url: z.string(),
  p_error: z.string(),
});
/** Arguments of `fail_mcp_refresh`. */
export type FailMcpRefreshInput = z.infer<typeof failMcpRefreshInput>;

/** `mcp_connection_target` (service role). */
export const mcpConnectionTargetInput = z.object({ p_connection_id: uuid });
/** Arguments of `mcp_connection_target`. */
export type McpConnectionTargetInput = z.infer<typeof mcpConnectionTargetInput>;

/** Where a connection leads; what `mcp_connection_target` answers. */
export const mcpConnectionTarget = z.object({
  id: uuid,
  organization_id: uuid,
  agent_id: uuid,
  connection_name: z.string(),
  server_url: z.string(),
  secret_id: uuid.nullable(),
  is_active: z.boolean(),
});
/** Where a connection leads. */
export type McpConnectionTarget = z.infer<typeof mcpConnectionTarget>;

/** `agent_mcp_tools` (service role). */
export const agentMcpToolsInput = z.object({ p_agent_id: uuid });
/** Arguments of `agent_mcp_tools`. */
export type AgentMcpToolsInput = z.infer<typeof agentMcpToolsInput>;

/** A tool that an agent may use; one of what `agent_mcp_tools` answers. */
export const agentMcpTool = z.object({
  connection_id: uuid,
  /** What the server calls it. */
  tool_name: z.string(),
  /** What models call it. */
  name: z.string(),
  description: z.string(),
  parameters: jsonObject,
});
/** A tool that an agent may use. */
export type AgentMcpTool = z.infer<typeof agentMcpTool>;

/** `authorize_mcp_tool_call` (service role): whether a tool may be called for a user, now. */
export const authorizeMcpToolCallInput = z.object({
  p_connection_id: uuid,
  p_tool_name: z.string(),
  p_user_id: uuid.nullable(),
});
/** Arguments of `authorize_mcp_tool_call`. */
export type AuthorizeMcpToolCallInput = z.infer<typeof authorizeMcpToolCallInput>;

/** What `authorize_mcp_tool_call` answers. */
export const mcpToolVerdict = z.discriminatedUnion("allowed", [
  z.object({
    allowed: z.literal(true),
    organization_id: uuid,
    agent_id: uuid,
    connection_id: uuid,
    server_url: z.string(),
    secret_id: uuid.nullable(),
  }),
  z.object({ allowed: z.literal(false), reason: z.string() }),
]);
/** What `authorize_mcp_tool_call` answers. */
export type McpToolVerdict = z.infer<typeof mcpToolVerdict>;

/** A row of `agent_mcp_connections`, as far as people see it. */
export const mcpConnection = z.object({
  id: uuid,
  organization_id: uuid,
  agent_id: uuid,
  connection_name: z.string(),
  server_url: z.string(),
  is_active: z.boolean(),
  secret_id: uuid.nullable(),
  status: z.enum(["new", "ready", "changed", "error"]),
  last_error: z.string().nullable(),
  server_info: jsonObject.nullable(),
  manifest_hash: z.string().nullable(),
  accepted_manifest_hash: z.string().nullable(),
  manifest_changed_at: timestamp.nullable(),
  refresh_interval_minutes: z.int(),
  refreshed_at: timestamp.nullable(),
  next_refresh_at: timestamp,
});
/** A row of `agent_mcp_connections`, as far as people see it. */
export type McpConnection = z.infer<typeof mcpConnection>;

/** A row of `mcp_tools_cache`, as far as people see it. */
export const mcpCachedTool = z.object({
  connection_id: uuid,
  tool_name: z.string(),
  description: z.string(),
  tool_schema: jsonObject,
  openai_schema: jsonObject,
  openai_name: z.string(),
  is_accepted: z.boolean(),
  last_updated: timestamp,
});
/** A row of `mcp_tools_cache`, as far as people see it. */
export type McpCachedTool = z.infer<typeof mcpCachedTool>;

/** Body of the function `mcp-tools`. */
export const mcpToolsBody = z.discriminatedUnion("action", [
  /** Connects an agent to a server and asks what it offers (permission `tools.manage`). */
  z.strictObject({
    action: z.literal("connect"),
    agent_id: uuid,
    connection_name: z.string().min(1).max(100),
    server_url: z.string().min(1).max(2000),
    /** The organization's secret to send as bearer token (permission `secrets.manage`). */
    secret_id: uuid.nullish(),
    refresh_interval_minutes: refreshInterval.optional(),
  }),
  /** The connections of an agent and what they offer, as it is cached. */
  z.strictObject({ action: z.literal("list"), agent_id: uuid }),
  /** Asks a server anew. */
  z.strictObject({ action: z.literal("refresh"), connection_id: uuid }),
  /** Accepts what a server offers, as it was shown. */
  z.strictObject({
    action: z.literal("accept"),
    connection_id: uuid,
    manifest_hash: z.string().min(1).max(200),
  }),
  /** Calls a tool (permissions `tools.execute` and `agents.run`). */
  z.strictObject({
    action: z.literal("call"),
    connection_id: uuid,
    tool_name: z.string().min(1).max(128),
    arguments: jsonObject.default({}),
  }),
]);
/** Body of the function `mcp-tools`. */
export type McpToolsBody = z.input<typeof mcpToolsBody>;

/** What `connect`, `refresh` and `accept` answer. */
export const mcpManifestResult = z.object({
  connection: mcpConnection,
  tools: z.array(mcpCachedTool),
});
/** What `connect`, `refresh` and `accept` answer. */
export type McpManifestResult = z.infer<typeof mcpManifestResult>;

/** What `list` answers. */
export const mcpListResult = z.object({
  connections: z.array(mcpConnection),
  tools: z.array(mcpCachedTool),
});
/** What `list` answers. */
export type McpListResult = z.infer<typeof mcpListResult>;

/** What `call` answers; calls that the tool itself failed are `failed`. */
export const mcpCallResult = z.object({
  status: z.enum(["completed", "failed", "denied", "cancelled"]),
  text: z.string(),
  is_truncated: z.boolean(),
});
/** What `call` answers. */
export type McpCallResult = z.infer<typeof mcpCallResult>;

/** Payload of jobs `refresh_mcp_connection`, in the queue `mcp`. */
export const refreshMcpConnectionPayload = z.object({ connection_id: uuid });
/** Payload of jobs `refresh_mcp_connection`. */
export type RefreshMcpConnectionPayload = z.infer<typeof refreshMcpConnectionPayload>;
