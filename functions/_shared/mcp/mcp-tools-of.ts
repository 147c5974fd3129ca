import { z } from "zod";
import { agentMcpTool } from "../../../types/schemas.ts";
import type { Tool, ToolCaller } from "../tools/tool.ts";
import { callMcpTool } from "./call-mcp-tool.ts";
import type { McpDeps } from "./mcp-deps.ts";

/**
 * The tools of its MCP servers that an agent may use now: accepted, of connections that are on, at
 * most 128. Whether the person may is asked at each call. Names are unlike those of capabilities,
 * which have no double underscore.
 */
export async function mcpToolsOf(caller: ToolCaller, deps: McpDeps): Promise<Tool[]> {
  const rows = await deps.rpc("agent_mcp_tools", { p_agent_id: caller.agentId });

  return z
    .array(agentMcpTool)
    .parse(rows)
    .map(({ connection_id, tool_name, name, description, parameters }) => ({
      name,
      description,
      inputSchema: parameters,
      call: (input, signal) =>
        callMcpTool(
          { caller, connectionId: connection_id, toolName: tool_name, input, signal },
          deps,
        ),
    }));
}
