import type { DatastoreBatch } from "../../types/schemas.ts";
import type { Datastore } from "../_shared/datastores/datastore.ts";
import { unsettled } from "./unsettled.ts";

type Removal = DatastoreBatch["removals"][number];

/**
 * Removes all that a store has of some chunks, also what it never said that it has.
 *
 * @throws ProviderError when what it does not find may still be on its way
 */
export async function removeChunks(
  store: Datastore,
  removals: readonly Removal[],
  signal: AbortSignal,
): Promise<void> {
  const known = removals.flatMap(({ chunk_id, external_id, is_settled }) =>
    external_id === null
      ? []
      : [{ chunkId: chunk_id, externalId: external_id, isSettled: is_settled }],
  );
  const unknown = removals.filter(({ external_id }) => external_id === null);
  const located =
    unknown.length > 0
      ? await store.locate(
          unknown.map(({ chunk_id }) => chunk_id),
          signal,
        )
      : [];
  const found = new Set(located.map(({ chunkId }) => chunkId));
  if (unknown.some(({ chunk_id, is_settled }) => !is_settled && !found.has(chunk_id))) {
    throw unsettled();
  }
  const chunks = [...known, ...located.map((chunk) => ({ ...chunk, isSettled: true }))];
  if (chunks.length > 0) {
    await store.remove(chunks, signal);
  }
}
