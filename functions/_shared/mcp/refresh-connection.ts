import {
  type McpConnection,
  mcpConnection,
  mcpConnectionTarget,
  type SaveMcpManifestInput,
} from "../../../types/schemas.ts";
import { HttpError } from "../errors/http-error.ts";
import { bearerOf } from "./bearer-of.ts";
import type { McpDeps } from "./mcp-deps.ts";
import { quoted } from "./mcp-failure.ts";
import { type McpSession, withMcpSession } from "./mcp-session.ts";
import { noteOf, readManifest } from "./read-manifest.ts";

/**
 * Asks a server what it offers and writes that down, or that it did not say. Null when the
 * connection is gone.
 *
 * Throws what went wrong with the server as an `HttpError`, once that is written down.
 */
export async function refreshMcpConnection(
  connectionId: string,
  { rpc, network, limits }: McpDeps,
  signal?: AbortSignal,
): Promise<McpConnection | null> {
  const found = await rpc("mcp_connection_target", { p_connection_id: connectionId });
  const target = mcpConnectionTarget.nullable().parse(found);
  if (!target) {
    return null;
  }
  try {
    const bearer = await bearerOf(target, rpc);
    const server = { url: target.server_url, bearer, network, ...(limits ? { limits } : {}) };
    const { offered, serverInfo } = await withMcpSession(
      server,
      async (session) => ({ offered: await session.listTools(), serverInfo: nameOf(session) }),
      signal,
    );
    const manifest = await readManifest(target.connection_name, offered);
    const input: SaveMcpManifestInput = {
      p_connection_id: connectionId,
      p_server_url: target.server_url,
      p_tools: manifest.tools,
      p_server_info: serverInfo,
      p_note: noteOf(manifest),
    };
    return mcpConnection.parse(await rpc("save_mcp_manifest", input));
  } catch (error) {
    if (error instanceof HttpError && !OF_OURS.includes(error.code)) {
      await rpc("fail_mcp_refresh", {
        p_connection_id: connectionId,
        p_server_url: target.server_url,
        p_error: error.message,
      });
    }
    throw error;
  }
}

/** Failures that say nothing about the server. */
const OF_OURS = [
  "database_unavailable",
  "internal_error",
  "mcp_connection_changed",
  "mcp_connection_not_found",
];

function nameOf({ serverInfo }: McpSession): { name: string; version: string } {
  const text = (value: unknown) => (typeof value === "string" ? quoted(value).slice(0, 200) : "");
  return { name: text(serverInfo.name), version: text(serverInfo.version) };
}
