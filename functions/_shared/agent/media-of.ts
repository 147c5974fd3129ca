import { z } from "zod";
import { agentKnowledge, agentKnowledgeInput } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import type { Platform } from "../http/platform.ts";
import { knowledgeTools } from "../knowledge/knowledge-tools.ts";
import { searchKnowledge } from "../knowledge/search.ts";
import type { Log } from "../log.ts";
import type { ToolCaller } from "../tools/tool.ts";
import type { SearchMedia } from "./find-background.ts";

/** The media of an agent that the person it works for may read; null where there are none. */
export async function mediaOf(
  { agentId, userId }: ToolCaller,
  /** RPCs of the service role in the name of the agent. */
  rpc: Rpc,
  { platform, log }: { platform: Platform; log: Log },
): Promise<SearchMedia | null> {
  if (!userId) {
    return null;
  }
  const input = agentKnowledgeInput.parse({ p_agent_id: agentId, p_user_id: userId });
  const [knowledge] = z.tuple([agentKnowledge]).parse(await rpc("agent_knowledge", input));
  if (knowledge.chunk_count === 0) {
    return null;
  }
  return (query, limit, signal) =>
    searchKnowledge(
      { agentId, userId, query, limit },
      knowledgeTools(rpc, { platform, log, signal }),
    );
}
