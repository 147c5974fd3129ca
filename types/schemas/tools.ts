import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

/** How far a permission goes: only reading, within its scopes, or all that the connection may. */
export const permissionLevel = z.enum(["read_only", "custom", "full"]);
/** How far a permission goes. */
export type PermissionLevel = z.infer<typeof permissionLevel>;

/** `grant_agent_integration_permission`: lends a connection to an agent. */
export const grantAgentIntegrationPermissionInput = z.object({
  p_agent_id: uuid,
  p_connection_id: uuid,
  /** Within the connection's `scopes_granted`. */
  p_allowed_scopes: z.array(z.string()),
  p_permission_level: permissionLevel,
  /** Null is for good. */
  p_expires_at: timestamp.nullish(),
});
/** Arguments of `grant_agent_integration_permission`. */
export type GrantAgentIntegrationPermissionInput = z.infer<
  typeof grantAgentIntegrationPermissionInput
>;

/** `revoke_agent_integration_permission`: takes it back; again changes nothing. */
export const revokeAgentIntegrationPermissionInput = z.object({ p_permission_id: uuid });
/** Arguments of `revoke_agent_integration_permission`. */
export type RevokeAgentIntegrationPermissionInput = z.infer<
  typeof revokeAgentIntegrationPermissionInput
>;

/** `get_agent_integration_permissions`: what an agent may do with which connections. */
export const getAgentIntegrationPermissionsInput = z.object({ p_agent_id: uuid });
/** Arguments of `get_agent_integration_permissions`. */
export type GetAgentIntegrationPermissionsInput = z.infer<
  typeof getAgentIntegrationPermissionsInput
>;

/** One row of `get_agent_integration_permissions`; names are null where the caller may not know. */
export const agentIntegrationPermission = z.object({
  permission_id: uuid,
  agent_id: uuid,
  connection_id: uuid,
  provider_name: z.string().nullable(),
  provider_display_name: z.string().nullable(),
  connection_name: z.string().nullable(),
  connection_status: z.string().nullable(),
  allowed_scopes: z.array(z.string()),
  permission_level: permissionLevel,
  is_active: z.boolean(),
  expires_at: timestamp.nullable(),
  granted_by_user_id: uuid.nullable(),
  granted_at: timestamp,
});
/** One row of `get_agent_integration_permissions`. */
export type AgentIntegrationPermission = z.infer<typeof agentIntegrationPermission>;

/** `authorize_tool_call` (service role): asked before each call, and written to the audit log. */
export const authorizeToolCallInput = z.object({
  p_agent_id: uuid,
  p_connection_id: uuid,
  p_capability_key: z.string(),
  /** Whose run it is; without one, personal connections are refused. */
  p_user_id: uuid.nullish(),
});
/** Arguments of `authorize_tool_call`. */
export type AuthorizeToolCallInput = z.infer<typeof authorizeToolCallInput>;

/** The answer of `authorize_tool_call`. */
export const toolCallVerdict = z.looseObject({
  allowed: z.boolean(),
  /** A machine key; null when it is allowed. */
  reason: z.string().nullable(),
  /** A sentence for the model, and what to do. */
  message: z.string().nullable(),
  hint: z.string().nullable(),
  permission_id: uuid.nullable(),
  capability_id: uuid.nullable(),
  organization_id: uuid.nullable(),
});
/** The answer of `authorize_tool_call`. */
export type ToolCallVerdict = z.infer<typeof toolCallVerdict>;

/** `list_agent_capabilities` (service role): what an agent may call now in work for a user. */
export const listAgentCapabilitiesInput = z.object({ p_agent_id: uuid, p_user_id: uuid.nullish() });
/** Arguments of `list_agent_capabilities`. */
export type ListAgentCapabilitiesInput = z.infer<typeof listAgentCapabilitiesInput>;

/** One row of `list_agent_capabilities`. */
export const agentCapability = z.object({
  connection_id: uuid,
  connection_name: z.string(),
  provider_name: z.string(),
  provider_display_name: z.string(),
  capability_key: z.string(),
  display_label: z.string(),
  description: z.string(),
  effect: z.enum(["read", "write"]),
  input_schema: jsonObject,
});
/** One row of `list_agent_capabilities`. */
export type AgentCapability = z.infer<typeof agentCapability>;

/** `begin_tool_call` (service role): opens a row of `tool_execution_logs`, and answers its id. */
export const beginToolCallInput = z.object({
  p_agent_id: uuid,
  p_tool_name: z.string(),
  p_input: z.unknown().refine((input) => input !== undefined),
  /** Of a capability, with `p_capability_key`. */
  p_connection_id: uuid.nullish(),
  p_capability_key: z.string().nullish(),
  /** Of a tool of an MCP server. */
  p_mcp_connection_id: uuid.nullish(),
  p_run_step_id: uuid.nullish(),
  p_channel_id: uuid.nullish(),
  p_user_id: uuid.nullish(),
  /** Why it is not made: the row is closed at once, as denied. */
  p_refusal: z.string().nullish(),
});
/** Arguments of `begin_tool_call`. */
export type BeginToolCallInput = z.infer<typeof beginToolCallInput>;

/** `finish_tool_call` (service role): closes a row of `tool_execution_logs`. */
export const finishToolCallInput = z.object({
  p_id: uuid,
  p_status: z.enum(["completed", "failed", "denied", "cancelled"]),
  p_output: z.unknown().optional(),
  p_error: z.string().nullish(),
});
/** Arguments of `finish_tool_call`. */
export type FinishToolCallInput = z.infer<typeof finishToolCallInput>;
