import type { DatastoreBatch } from "../../types/schemas.ts";
import type { Datastore, DatastoreChunk, StoredChunk } from "../_shared/datastores/datastore.ts";
import { ProviderError } from "../_shared/integrations/provider-error.ts";
import { unsettled } from "./unsettled.ts";

/** A chunk that a store should have. */
export type Addition = DatastoreBatch["chunks"][number];

/**
 * Adds chunks, and of those that the store may have already only what it has not.
 *
 * @throws ProviderError when what it does not find may still be on its way
 */
export async function addChunks(
  store: Datastore,
  additions: readonly Addition[],
  signal: AbortSignal,
): Promise<StoredChunk[]> {
  const uncertain = store.givesIds ? additions.filter(({ is_uncertain }) => is_uncertain) : [];
  const found = await findOnce(store, uncertain, signal);
  if (uncertain.some(({ chunk_id, is_settled }) => !is_settled && !found.has(chunk_id))) {
    throw unsettled();
  }
  const missing = additions.filter(({ chunk_id }) => !found.has(chunk_id)).map(toChunk);
  const stored = missing.length > 0 ? await store.upsert(missing, signal) : [];
  return [...found.values(), ...stored];
}

/** Whether the store said no, so that nothing of what was sent is there. */
export function wasRefused(error: unknown): boolean {
  const status = error instanceof ProviderError ? error.providerStatus : null;
  return status !== null && status >= 400 && status < 500 && status !== 408;
}

/** Those that the store has. Where two attempts came to their end, one of them is removed. */
async function findOnce(
  store: Datastore,
  uncertain: readonly Addition[],
  signal: AbortSignal,
): Promise<Map<string, StoredChunk>> {
  const found = new Map<string, StoredChunk>();
  if (uncertain.length === 0) {
    return found;
  }
  const chunkIds = uncertain.map(({ chunk_id }) => chunk_id);
  for (const stored of await store.locate(chunkIds, signal)) {
    if (found.has(stored.chunkId)) {
      await store.remove([{ ...stored, isSettled: true }], signal);
    } else {
      found.set(stored.chunkId, stored);
    }
  }
  return found;
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
