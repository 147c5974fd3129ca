import type { z } from "zod";
import type { KnowledgeResult, searchKnowledgeBody } from "../../types/schemas.ts";
import { searchKnowledge } from "../_shared/knowledge/search.ts";
import type { KnowledgeTools } from "../_shared/knowledge/tools.ts";
import { chargeRequest } from "../_shared/quotas/charge-request.ts";

/** What search-knowledge takes; tests give their own. */
export interface SearchKnowledgeTools extends KnowledgeTools {
  /** Sees no more than they may read themselves. */
  userId: string;
}

/** Searches for a user in what an agent was given to know. */
export async function handleSearchKnowledge(
  { agent_id: agentId, query, limit, filters }: z.output<typeof searchKnowledgeBody>,
  tools: SearchKnowledgeTools,
): Promise<KnowledgeResult> {
  const search = { agentId, userId: tools.userId, query, limit, filters };
  return searchKnowledge(search, {
    ...tools,
    charge: (organizationId) => chargeRequest(tools.rpc, organizationId),
  });
}
