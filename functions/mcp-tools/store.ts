import type { PostgrestSingleResponse, SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import {
  type McpCachedTool,
  type McpConnection,
  type McpToolsBody,
  mcpCachedTool,
  mcpConnection,
  uuid,
} from "../../types/schemas.ts";
import { databaseError } from "../_shared/errors/database-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** What a user asks to connect. */
export type McpConnect = Extract<McpToolsBody, { action: "connect" }>;

/** Connections and tools, as the user may see and change them. */
export interface McpStore {
  /** The organization of an agent; null when the user sees no such agent. */
  organizationOf(agentId: string): Promise<string | null>;
  connection(id: string): Promise<McpConnection | null>;
  connectionsOf(agentId: string): Promise<McpConnection[]>;
  toolsOf(column: "agent_id" | "connection_id", id: string): Promise<McpCachedTool[]>;
  insert(connect: McpConnect, organizationId: string): Promise<McpConnection>;
  remove(id: string): Promise<void>;
}

/** The store over a supabase-js client that acts as the user. */
export function clientStore(client: SupabaseClient): McpStore {
  const connections = () => client.from("agent_mcp_connections").select("*");

  return {
    async organizationOf(agentId) {
      const query = client.from("agents").select("organization_id").eq("id", agentId);
      const row = z.object({ organization_id: uuid }).nullable();
      return row.parse(rowsOf(await query.maybeSingle()))?.organization_id ?? null;
    },
    async connection(id) {
      return mcpConnection.nullable().parse(rowsOf(await connections().eq("id", id).maybeSingle()));
    },
    async connectionsOf(agentId) {
      const query = connections().eq("agent_id", agentId).order("created_at").order("id");
      return z.array(mcpConnection).parse(rowsOf(await query));
    },
    async toolsOf(column, id) {
      const query = client.from("mcp_tools_cache").select("*").eq(column, id);
      const rows = await query.order("connection_id").order("tool_name");
      return z.array(mcpCachedTool).parse(rowsOf(rows));
    },
    async insert({ action: _, ...columns }, organizationId) {
      const query = client
        .from("agent_mcp_connections")
        .insert({ ...columns, organization_id: organizationId });
      return mcpConnection.parse(rowsOf(await query.select("*").single()));
    },
    async remove(id) {
      rowsOf(await client.from("agent_mcp_connections").delete().eq("id", id));
    },
  };
}

function rowsOf(
  answer: Pick<PostgrestSingleResponse<unknown>, "data" | "error" | "status">,
): unknown {
  if (!answer.error) {
    return answer.data;
  }
  if (answer.error.code === "23505") {
    throw new HttpError(409, "mcp_connection_name_taken", "The agent has a connection so named.", {
      hint: "Choose another connection_name.",
    });
  }
  if (answer.error.code === "23503") {
    throw new HttpError(404, "secret_not_found", "The organization keeps no secret of that id.", {
      hint: "Select from organization_secrets to see those there are.",
    });
  }
  if (answer.error.code === "23514") {
    throw new HttpError(400, "mcp_connection_invalid", "The connection has a value out of bounds.");
  }
  throw databaseError({ ...answer.error, status: answer.status });
}
