import type {
  DatastoreChunk,
  DatastoreQuery,
  RemovedChunk,
} from "../../../functions/_shared/datastores/datastore.ts";

/** An embedding that points along one axis, and so is alike to none of another. */
export function axis(place: number): number[] {
  return Array.from({ length: 384 }, (_, index) => (index === place ? 1 : 0));
}

/** An id that tells a number. */
export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** A chunk of a medium. */
export function chunkOf(number: number, more: Partial<DatastoreChunk> = {}): DatastoreChunk {
  return {
    chunkId: idOf(number),
    mediaId: idOf(900),
    generation: 1,
    text: `Passage ${number} speaks of tea.`,
    embedding: axis(number),
    embeddingModel: "hashing",
    metadata: { name: "Handbook", page: number, tags: ["policy"] },
    ...more,
  };
}

/** A chunk that a store is to remove, sent long ago unless said. */
export function removedOf(number: number, more: Partial<RemovedChunk> = {}): RemovedChunk {
  return { chunkId: idOf(number), externalId: idOf(number), isSettled: true, ...more };
}

/** A question that points along an axis. */
export function questionOf(place: number, more: Partial<DatastoreQuery> = {}): DatastoreQuery {
  return {
    text: "What about tea?",
    embedding: axis(place),
    embeddingModel: "hashing",
    filter: {},
    limit: 10,
    signal: AbortSignal.timeout(10_000),
    ...more,
  };
}

/** What a call failed with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error("It did not fail");
    },
    (failure) => failure,
  );
}
