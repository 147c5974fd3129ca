import type { Datastore } from "./datastore.ts";

/**
 * The store that is always there: the database itself. What is published is in it, and
 * `search_knowledge` searches it in the same statement as the texts, so there is nothing to send
 * and nothing to ask.
 */
export const builtInDatastore: Datastore = {
  type: "postgres",
  batchSize: 1000,
  needsEmbeddings: false,
  givesIds: false,
  upsert: async (chunks) => chunks.map(({ chunkId }) => ({ chunkId, externalId: chunkId })),
  locate: async () => [],
  remove: async () => {},
  query: async () => [],
  check: async () => {},
};
