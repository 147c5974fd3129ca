import { connectionTools } from "../connections/connection-tools.ts";
import { freshCredential } from "../connections/fresh-credential.ts";
import type { Rpc } from "../database/rpc.ts";
import { outboundNetwork } from "../guard/outbound-network.ts";
import type { Platform } from "../http/platform.ts";
import type { Log } from "../log.ts";
import { mcpToolsOf } from "../mcp/mcp-tools-of.ts";
import { capabilitiesOf } from "../tools/capabilities-of.ts";
import type { Tool, ToolCaller } from "../tools/tool.ts";
import { distinctNames } from "./distinct-names.ts";

/** Finds the tools of an agent in work for somebody. */
export type ToolsOf = (caller: ToolCaller) => Promise<Tool[]>;

/**
 * What an agent may use at this moment: the capabilities of connections it was lent, then the
 * accepted tools of its MCP servers. Each call is authorized again when it is made.
 */
export async function agentTools(
  caller: ToolCaller,
  /** RPCs of the service role in the name of the agent. */
  rpc: Rpc,
  { platform, log }: { platform: Platform; log: Log },
): Promise<Tool[]> {
  const network = outboundNetwork(platform);
  const connections = connectionTools(rpc, platform, log);

  const [capabilities, mcpTools] = await Promise.all([
    capabilitiesOf(caller, {
      rpc,
      log,
      network,
      freshCredential: (id, options) => freshCredential(id, connections, options),
    }),
    mcpToolsOf(caller, { rpc, network, log }),
  ]);
  return distinctNames([...capabilities, ...mcpTools]);
}
