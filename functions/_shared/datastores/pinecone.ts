import { z } from "zod";
import { EMBEDDING_DIMENSIONS } from "../embeddings/embedder.ts";
import { ProviderError } from "../integrations/provider-error.ts";
import type { Datastore, DatastoreChunk, DatastoreFilter } from "./datastore.ts";
import { type StoreAccess, storeApi } from "./store-api.ts";

/** Where in Pinecone: an index's own host, and a namespace of that index. */
export interface PineconePlace {
  /** As the console shows it, with or without `https://`. */
  host: string;
  namespace: string;
}

/** The version of the API that is spoken (https://docs.pinecone.io/reference/api/versioning). */
const API_VERSION = "2025-04";
/** Values that one `$in` takes. */
const MOST_FILTERED = 10_000;

/**
 * A namespace of a Pinecone index (https://docs.pinecone.io/reference/api/2025-04/data-plane). Its
 * records have the ids of our chunks, so that each of our writes can be repeated. They carry where
 * a chunk is from and no text: the text is read here, by those who may.
 */
export function pineconeDatastore(place: PineconePlace, access: StoreAccess): Datastore {
  const { namespace } = place;
  const baseUrl = place.host.includes("://") ? place.host : `https://${place.host}`;
  const headers = { "api-key": access.apiKey, "x-pinecone-api-version": API_VERSION };
  const api = (signal: AbortSignal) => storeApi("Pinecone", baseUrl, access, headers, signal);
  const statistics = (signal: AbortSignal) =>
    api(signal).json(indexStatistics, { method: "POST", path: "describe_index_stats", json: {} });

  return {
    type: "pinecone",
    batchSize: 100,
    needsEmbeddings: true,
    givesIds: false,

    async upsert(chunks, signal) {
      const vectors = chunks.map((chunk) => ({
        id: chunk.chunkId,
        values: vectorOf(chunk),
        metadata: metadataOf(chunk),
      }));
      const { upsertedCount } = await api(signal).json(z.object({ upsertedCount: z.number() }), {
        method: "POST",
        path: "vectors/upsert",
        json: { vectors, namespace },
      });
      if (upsertedCount !== vectors.length) {
        throw new ProviderError(
          "provider_bad_answer",
          `Pinecone kept ${upsertedCount} of ${vectors.length} vectors.`,
        );
      }
      return chunks.map(({ chunkId }) => ({ chunkId, externalId: chunkId }));
    },

    async locate() {
      return [];
    },

    async remove(chunks, signal) {
      const ids = chunks.map(({ externalId }) => externalId);
      try {
        await api(signal).json(z.looseObject({}), {
          method: "POST",
          path: "vectors/delete",
          json: { ids, namespace },
        });
      } catch (error) {
        // Not found may be the namespace, which goes with its last record, or a wrong address. Only
        // an index that answers, and has nothing there, shows that the records are gone.
        if (!isNotFound(error) || !chunks.every(({ isSettled }) => isSettled)) {
          throw error;
        }
        const { namespaces } = await statistics(signal).catch(() => {
          throw error;
        });
        if ((namespaces?.[namespace]?.vectorCount ?? 0) > 0) {
          throw error;
        }
      }
    },

    async query({ embedding, embeddingModel, filter, limit, signal }) {
      if (!embedding || !embeddingModel || filter.mediaIds?.length === 0) {
        return [];
      }
      const { matches } = await api(signal).json(found, {
        method: "POST",
        path: "query",
        json: {
          vector: embedding,
          topK: limit,
          namespace,
          filter: filterOf(filter, embeddingModel),
          includeValues: false,
          includeMetadata: false,
        },
      });
      return matches.map(({ id, score }) => ({ chunkId: id, score }));
    },

    async check(signal) {
      const { dimension } = await statistics(signal);
      if (dimension !== null && dimension !== undefined && dimension !== EMBEDDING_DIMENSIONS) {
        throw new ProviderError(
          "provider_invalid_input",
          `The Pinecone index has ${dimension} dimensions, and embeddings have ` +
            `${EMBEDDING_DIMENSIONS}.`,
          { hint: `Make an index of ${EMBEDDING_DIMENSIONS} dimensions with the metric cosine.` },
        );
      }
    },
  };
}

const indexStatistics = z.object({
  namespaces: z.record(z.string(), z.object({ vectorCount: z.number().optional() })).nullish(),
  dimension: z.number().nullish(),
});

const found = z.object({
  matches: z.array(z.object({ id: z.string(), score: z.number() })),
});

function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.code === "provider_not_found";
}

function vectorOf({ chunkId, embedding }: DatastoreChunk): number[] {
  if (!embedding) {
    throw new ProviderError("provider_invalid_input", `The chunk ${chunkId} has no embedding.`);
  }
  return embedding;
}

/** What a record can be filtered by; values that are empty say nothing. */
function metadataOf({ mediaId, generation, embeddingModel, metadata }: DatastoreChunk) {
  const said = { ...metadata, media_id: mediaId, generation, embedding_model: embeddingModel };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function filterOf({ mediaIds }: DatastoreFilter, embeddingModel: string) {
  return {
    embedding_model: { $eq: embeddingModel },
    // The database leaves out what is too much for the filter.
    ...(mediaIds && mediaIds.length <= MOST_FILTERED ? { media_id: { $in: mediaIds } } : {}),
  };
}
