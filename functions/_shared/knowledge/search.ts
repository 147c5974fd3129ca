import { z } from "zod";
import {
  type AgentKnowledge,
  agentKnowledge,
  type KnowledgeFilters,
  type KnowledgePassage,
  type KnowledgeResult,
  knowledgePassage,
  type SearchKnowledgeInput,
} from "../../../types/schemas.ts";
import type { FoundInDatastores } from "../datastores/find-in-datastores.ts";
import { meteredEmbedder } from "../embeddings/metered-embedder.ts";
import { describeError } from "../errors/describe-error.ts";
import type { KnowledgeTools } from "./tools.ts";

/** What is looked for, in whose knowledge and for whom. */
export interface KnowledgeSearch {
  agentId: string;
  /** Sees only what they may read themselves, whoever assigned it. */
  userId: string;
  query: string;
  limit?: number | undefined;
  filters?: KnowledgeFilters | undefined;
}

/** Longer than this nobody waits for a question's embedding. */
const EMBEDDING_MS = 8_000;

const MOST_QUERY_CHARACTERS = 2_000;

const NOTHING_TO_SEARCH =
  "There is nothing to search yet: none of the agent's media that you may read and that fit the filters has been read.";

/** Asked of external stores: some hits are dropped, as the user may not read them. */
const STORE_HITS = 50;

/**
 * Searches what an agent was given to know: the question is embedded once, and words and vectors
 * are put together by the database. Where an embedding or a datastore fails, the rest is searched
 * and the notice says so. Throws `HttpError`: 404 `agent_not_found` (also when the user may not run
 * the agent), 400 `knowledge_filters_invalid`, `query_empty`.
 */
export async function searchKnowledge(
  { agentId, userId, query: asked, limit = 10, filters = {} }: KnowledgeSearch,
  tools: KnowledgeTools,
): Promise<KnowledgeResult> {
  const query = asked.trim().slice(0, MOST_QUERY_CHARACTERS);
  const scope = { p_agent_id: agentId, p_filters: filters, p_user_id: userId };
  const [knowledge] = z.tuple([agentKnowledge]).parse(await tools.rpc("agent_knowledge", scope));
  await tools.charge?.(knowledge.organization_id);
  if (knowledge.chunk_count === 0) {
    return { results: [], mode: "text", notice: NOTHING_TO_SEARCH, embedding_model: null };
  }

  const question = await embedded({ agentId, userId, query, knowledge }, tools);
  const found = await foundOutside({ agentId, userId, query, knowledge }, question, tools);
  const input: SearchKnowledgeInput = {
    ...scope,
    p_query: query,
    p_limit: limit,
    ...(found.candidates
      ? { p_candidates: found.candidates }
      : { p_embedding: question.embedding, p_embedding_model: question.model }),
  };
  const results = z.array(knowledgePassage).parse(await tools.rpc("search_knowledge", input));
  const isHybrid = found.candidates !== null || question.embedding !== null;
  // A datastore may do without vectors of ours.
  const notices = [found.candidates ? undefined : question.notice, ...found.notices];
  const notice = notices.filter((each) => each !== undefined).join(" ");
  return {
    results,
    mode: isHybrid ? "hybrid" : modeOf(results),
    ...(notice ? { notice } : {}),
    embedding_model: isHybrid ? question.model : null,
  };
}

interface Asked {
  agentId: string;
  userId: string;
  query: string;
  knowledge: AgentKnowledge;
}

/** A question as vectors are searched by it, or why it cannot be. */
interface Question {
  embedding: number[] | null;
  model: string | null;
  notice?: string;
}

async function embedded(
  { agentId, userId, query, knowledge }: Asked,
  { rpc, embedder, log, signal }: KnowledgeTools,
): Promise<Question> {
  const { organization_id: organizationId, embedding_models: models } = knowledge;
  try {
    const found = embedder();
    if (!found) {
      return without("No embedding provider is configured: words alone were searched.");
    }
    const { model } = found;
    if (!models.includes(model)) {
      return without("The media have no embeddings of the model in use yet: words were searched.");
    }
    const timed = AbortSignal.any([signal, AbortSignal.timeout(EMBEDDING_MS)]);
    const metered = meteredEmbedder(found, { organizationId, agentId, userId }, { rpc, log });
    const [embedding] = await metered.embed([query], { kind: "query", signal: timed });
    return {
      embedding: embedding ?? null,
      model,
      ...(models.length > 1
        ? { notice: "Some media are being embedded anew: of those, words alone were searched." }
        : {}),
    };
  } catch (error) {
    signal.throwIfAborted();
    log("warn", "a question was not embedded", { error: describeError(error) });
    return without("The embedding provider failed: words alone were searched.");
  }
}

/** Asks external stores. What fails there costs no more than what they would have found. */
async function foundOutside(
  { agentId, query, knowledge: { media_ids } }: Asked,
  question: Question,
  { findInDatastores, log, signal }: KnowledgeTools,
): Promise<FoundInDatastores> {
  try {
    const { candidates, notices } = await findInDatastores(agentId, {
      text: query,
      embedding: question.embedding,
      embeddingModel: question.model,
      filter: { mediaIds: media_ids },
      limit: STORE_HITS,
      signal,
    });
    return { candidates: candidates?.length ? candidates : null, notices };
  } catch (error) {
    signal.throwIfAborted();
    log("warn", "no datastore was searched", { error: describeError(error) });
    return { candidates: null, notices: ["Datastores failed: the search did without them."] };
  }
}

function without(notice: string): Question {
  return { embedding: null, model: null, notice };
}

function modeOf(results: KnowledgePassage[]): "text" | "trigram" {
  const isSimilar = results.some(({ matched_by }) => matched_by.includes("trigram"));
  return isSimilar ? "trigram" : "text";
}
