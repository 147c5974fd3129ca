import { z } from "zod";
import { type AgentDatastoreTarget, agentDatastoreTarget, uuid } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Log } from "../log.ts";
import { resolveReferences } from "../secrets/resolve-references.ts";
import type { DatastoreHit, DatastoreQuery } from "./datastore.ts";
import { openDatastore } from "./open-datastore.ts";
import type { StoreNetwork } from "./store-api.ts";

/** What asking an agent's datastores takes; tests give their own. */
export interface DatastoreTools extends StoreNetwork {
  /** RPCs of the service role. */
  rpc: Rpc;
  log: Log;
}

/** What an agent's datastores found. */
export interface FoundInDatastores {
  /** For `search_knowledge`, best first; null when no store outside found any. */
  candidates: { chunk_id: string; rank: number }[] | null;
  /** A sentence for each store that did not answer or does not have everything yet. */
  notices: string[];
}

/** As long as somebody who asks waits for a store. */
const QUERY_LIMITS = { timeoutMs: 5_000, idleMs: 5_000, maxBytes: 2_000_000 };
/** The constant of reciprocal rank fusion (Cormack et al., 2009). */
const FUSION = 60;

/**
 * Asks the active datastores of an agent outside of the database, all at once. A store that fails
 * costs its hits and a notice, never the answer. What is found are candidates of whatever the store
 * holds: `search_knowledge` decides which of them the user may read.
 */
export async function findInDatastores(
  agentId: string,
  question: DatastoreQuery,
  { rpc, log, network, limits }: DatastoreTools,
): Promise<FoundInDatastores> {
  const rows = await rpc("agent_datastore_targets", { p_agent_id: agentId });
  const targets = z
    .array(agentDatastoreTarget)
    .parse(rows)
    .filter(({ type }) => type !== "postgres");
  const way = { network, limits: { ...QUERY_LIMITS, ...limits } };

  const answers = await Promise.all(
    targets.map(async (target): Promise<{ hits: DatastoreHit[] | null; notice: string | null }> => {
      try {
        const config = await resolveReferences(target.config, target.organization_id, rpc);
        const store = openDatastore({ type: target.type, config }, way);
        if (store.needsEmbeddings && !question.embedding) {
          const notice = `The datastore "${target.name}" finds by embeddings alone.`;
          return { hits: null, notice };
        }
        return { hits: await store.query(question), notice: pendingNotice(target) };
      } catch (error) {
        question.signal.throwIfAborted();
        log("warn", "a datastore did not answer", {
          datastore: target.datastore_id,
          error: describeError(error),
        });
        return { hits: null, notice: `The datastore "${target.name}" did not answer.` };
      }
    }),
  );

  const candidates = fuse(answers.flatMap(({ hits }) => (hits ? [hits] : [])));
  return {
    // A store of vectors that finds nothing has nothing: our own are better than none.
    candidates: candidates.length > 0 ? candidates : null,
    notices: answers.flatMap(({ notice }) => notice ?? []),
  };
}

function pendingNotice({ name, pending_media }: AgentDatastoreTarget): string | null {
  return pending_media > 0
    ? `The datastore "${name}" does not have ${pending_media} of the agent's media yet.`
    : null;
}

/** One list of all: the scores of two stores cannot be compared, their ranks can. */
function fuse(lists: DatastoreHit[][]): { chunk_id: string; rank: number }[] {
  const scores = new Map<string, number>();
  for (const hits of lists) {
    // Others may keep records of their own in the same place.
    const ours = hits.filter(({ chunkId }) => uuid.safeParse(chunkId).success);
    const sorted = ours.toSorted((one, other) => other.score - one.score);
    const ids = new Set(sorted.map(({ chunkId }) => chunkId));
    [...ids].forEach((id, rank) => {
      scores.set(id, (scores.get(id) ?? 0) + 1 / (FUSION + rank + 1));
    });
  }
  return [...scores]
    .sort(([, one], [, other]) => other - one)
    .map(([chunk_id], index) => ({ chunk_id, rank: index + 1 }));
}
