import type { AgentKnowledge } from "../../../types/schemas.ts";
import type { Datastore, DatastoreQuery } from "../datastores/datastore.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Question } from "./search.ts";
import type { KnowledgeTools } from "./tools.ts";

/** What external stores found, best first; null where there is none that found anything. */
export interface DatastoreAnswer {
  candidates: { chunk_id: string; rank: number }[] | null;
  notices: string[];
}

interface Lookup {
  agentId: string;
  query: string;
  knowledge: AgentKnowledge;
  question: Question;
}

/** Longer than this nobody waits for a store. */
const STORE_MS = 8_000;

/** Hits asked of each store: some are dropped, as the user may not read them. */
const HITS = 50;

/** Stores refuse longer filters; the database leaves out what the user may not read anyway. */
const MOST_FILTERED_MEDIA = 1_000;

/** Of reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009). */
const K = 60;

/** Asks the agent's external stores, all at the same time. One that fails is left out. */
export async function searchDatastores(
  { agentId, query, knowledge, question }: Lookup,
  { datastoresOf, log, signal }: KnowledgeTools,
): Promise<DatastoreAnswer> {
  const notices: string[] = [];
  const failed = (error: unknown, type?: string) => {
    signal.throwIfAborted();
    log("warn", "a datastore was not searched", { type, error: describeError(error) });
    notices.push("A datastore failed: the search did without it.");
    return [];
  };
  const stores = await datastoresOf(agentId).catch((error) => failed(error));
  const lookup: Omit<DatastoreQuery, "signal"> = {
    text: query,
    embedding: question.embedding,
    embeddingModel: question.model,
    filter:
      knowledge.media_ids.length <= MOST_FILTERED_MEDIA ? { mediaIds: knowledge.media_ids } : {},
    limit: HITS,
  };
  const lists = await Promise.all(stores.filter((store) => canAsk(store, question)).map(hitsOf));
  const candidates = fused(lists);
  return { candidates: candidates.length > 0 ? candidates : null, notices: [...new Set(notices)] };

  async function hitsOf(store: Datastore) {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(STORE_MS)]);
    return store
      .query({ ...lookup, signal: timed })
      .catch((error: unknown) => failed(error, store.type));
  }
}

/** The built-in store is searched by the database itself. */
function canAsk({ type, needsEmbeddings }: Datastore, { embedding }: Question): boolean {
  return type !== "postgres" && (embedding !== null || !needsEmbeddings);
}

/** One ranking of several, whose scores do not compare. */
function fused(lists: { chunkId: string }[][]): { chunk_id: string; rank: number }[] {
  const scores = new Map<string, number>();
  for (const list of lists) {
    for (const [at, { chunkId }] of list.entries()) {
      scores.set(chunkId, (scores.get(chunkId) ?? 0) + 1 / (K + at + 1));
    }
  }
  return [...scores]
    .sort(([, one], [, other]) => other - one)
    .map(([chunk_id], at) => ({ chunk_id, rank: at + 1 }));
}
