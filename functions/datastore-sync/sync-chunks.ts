import type { DatastoreBatch } from "../../types/schemas.ts";
import type { Datastore, DatastoreChunk, StoredChunk } from "../_shared/datastores/datastore.ts";
import type { JobContext } from "../_shared/jobs/drain-queue.ts";
import type { BatchRecord } from "./batch-record.ts";

type Removal = DatastoreBatch["removals"][number];
type Addition = DatastoreBatch["chunks"][number];

/**
 * Removes and adds what the record says, and records what the store said, a few chunks at a time:
 * whatever breaks off loses no more than those. True when there is nothing left to do.
 */
export async function syncChunks(
  store: Datastore,
  record: BatchRecord,
  { budget, lost }: JobContext,
): Promise<boolean> {
  for (;;) {
    lost.throwIfAborted();
    const { removals, chunks } = await record.next();
    if (removals.length === 0 && chunks.length === 0) {
      return true;
    }
    for (const group of groupsOf(removals, store.batchSize)) {
      if (budget.isSpent()) {
        return false;
      }
      await remove(store, group, lost);
      await record.removed(group.map(({ chunk_id }) => chunk_id));
    }
    for (const group of groupsOf(chunks, store.batchSize)) {
      if (budget.isSpent()) {
        return false;
      }
      await record.stored(await add(store, group, lost));
    }
  }
}

/** Removes all that the store has of these chunks, also what it never said that it has. */
async function remove(store: Datastore, removals: readonly Removal[], signal: AbortSignal) {
  const known = removals.flatMap(({ chunk_id, external_id }) =>
    external_id === null ? [] : [{ chunkId: chunk_id, externalId: external_id }],
  );
  const unknown = removals.flatMap(({ chunk_id, external_id }) =>
    external_id === null ? [chunk_id] : [],
  );
  const located = unknown.length > 0 ? await store.locate(unknown, signal) : [];
  const stored = [...known, ...located];
  if (stored.length > 0) {
    await store.remove(stored, signal);
  }
}

/** Adds chunks, and of those that the store may have already only what it has not. */
async function add(
  store: Datastore,
  additions: readonly Addition[],
  signal: AbortSignal,
): Promise<StoredChunk[]> {
  const uncertain = additions.filter(({ is_uncertain }) => is_uncertain);
  const located =
    uncertain.length > 0
      ? await store.locate(
          uncertain.map(({ chunk_id }) => chunk_id),
          signal,
        )
      : [];
  const found = new Map<string, StoredChunk>();
  for (const stored of located) {
    if (found.has(stored.chunkId)) {
      // Two attempts came to their end: one is enough.
      await store.remove([stored], signal);
    } else {
      found.set(stored.chunkId, stored);
    }
  }
  const missing = additions.filter(({ chunk_id }) => !found.has(chunk_id)).map(toChunk);
  const stored = missing.length > 0 ? await store.upsert(missing, signal) : [];
  return [...found.values(), ...stored];
}

function toChunk(addition: Addition): DatastoreChunk {
  return {
    chunkId: addition.chunk_id,
    mediaId: addition.media_id,
    generation: addition.generation,
    text: addition.text,
    ...(addition.embedding ? { embedding: addition.embedding } : {}),
    ...(addition.embedding_model ? { embeddingModel: addition.embedding_model } : {}),
    metadata: addition.metadata,
  };
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += size) {
    groups.push(items.slice(from, from + size));
  }
  return groups;
}
