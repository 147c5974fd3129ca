import type { SupabaseClient } from "@supabase/supabase-js";
import { says, startMcpServer } from "../../test/support/mcp/index.ts";
import { invoke } from "./invoke.ts";
import type { Stage } from "./stage.ts";

/** A tool server of the demonstration. */
export interface DemoEvents {
  /** What models call its tool. */
  tool: string;
  close: () => Promise<void>;
}

const ON_TODAY = "The market opens at 8, the council meets at 17, the choir sings at 20.";

/** Starts an MCP server that knows what is on in town, and lets the agent use it. */
export async function connectEvents(client: SupabaseClient, stage: Stage): Promise<DemoEvents> {
  const server = await startMcpServer({
    tools: [
      {
        name: "events",
        description: "Says what is on in town.",
        inputSchema: {
          type: "object",
          properties: { day: { type: "string", description: "today, or a date." } },
        },
      },
    ],
    call: () => says(ON_TODAY),
  });
  try {
    const { connection, tools } = await invoke<{
      connection: { id: string; manifest_hash: string };
      tools: { openai_name: string }[];
    }>(client, "mcp-tools", {
      action: "connect",
      agent_id: stage.agent.id,
      connection_name: "town",
      server_url: server.url,
    });
    await invoke(client, "mcp-tools", {
      action: "accept",
      connection_id: connection.id,
      manifest_hash: connection.manifest_hash,
    });
    return { tool: tools[0]?.openai_name ?? "town__events", close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
