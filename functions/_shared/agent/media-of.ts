import { z } from "zod";
import {
  agentKnowledge,
  agentKnowledgeInput,
  type KnowledgeFilters,
} from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import type { Platform } from "../http/platform.ts";
import { knowledgeTools } from "../knowledge/knowledge-tools.ts";
import { searchKnowledge } from "../knowledge/search.ts";
import type { Log } from "../log.ts";
import type { ToolCaller } from "../tools/tool.ts";
import type { SearchMedia } from "./find-background.ts";

/**
 * The media of an agent that the person it works for may read, and that may be told to all who read
 * what it says; null where there are none.
 */
export async function mediaOf(
  caller: ToolCaller,
  /** RPCs of the service role in the name of the agent. */
  rpc: Rpc,
  { platform, log }: { platform: Platform; log: Log },
): Promise<SearchMedia | null> {
  const { agentId, userId } = caller;
  if (!userId) {
    return null;
  }
  const filters = readableBy(caller);
  const input = agentKnowledgeInput.parse({
    p_agent_id: agentId,
    p_filters: filters,
    p_user_id: userId,
  });
  const [knowledge] = z.tuple([agentKnowledge]).parse(await rpc("agent_knowledge", input));
  if (knowledge.chunk_count === 0) {
    return null;
  }
  return (query, limit, signal) =>
    searchKnowledge(
      { agentId, userId, query, limit, filters },
      knowledgeTools(rpc, { platform, log, signal }),
    );
}

/** Others read what a task comes to, wherever it is posted; who reads a channel, the database knows. */
function readableBy({ runStepId, channelId }: ToolCaller): KnowledgeFilters {
  return runStepId || !channelId ? { visibility: "organization" } : { channel_id: channelId };
}
