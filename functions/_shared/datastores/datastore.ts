import type { DatastoreType } from "../../../types/schemas.ts";

/** A chunk as a datastore takes it. */
export interface DatastoreChunk {
  chunkId: string;
  mediaId: string;
  generation: number;
  text: string;
  /** Absent where the medium was indexed without embeddings. */
  embedding?: number[];
  /** Which model made the embedding: vectors of two models are never compared. */
  embeddingModel?: string;
  metadata: ChunkMetadata;
}

/** What a datastore keeps beside a chunk: names and places, so that it can be filtered by. */
export type ChunkMetadata = Record<string, string | number | boolean | string[]>;

/** What a datastore calls a chunk of ours. */
export interface StoredChunk {
  chunkId: string;
  /** The chunk's own id, or what the store gave it. */
  externalId: string;
}

/** A chunk that is to be removed. */
export interface RemovedChunk extends StoredChunk {
  /**
   * Whether it was sent so long ago that a store which does not find it does not have it. Until
   * then it may be on its way: stores answer before they have taken in what they were sent.
   */
  isSettled: boolean;
}

/** A question to a datastore. */
export interface DatastoreQuery {
  text: string;
  /** Null where no embedding provider is configured. */
  embedding: number[] | null;
  embeddingModel: string | null;
  filter: DatastoreFilter;
  /** Most hits, 1–100. */
  limit: number;
  signal: AbortSignal;
}

/** Where to look; everything that is given must hold. */
export interface DatastoreFilter {
  /** Only chunks of these media: what the agent was given and the asking user may read. */
  mediaIds?: readonly string[];
}

/** A chunk that was found; better ones have a higher score, whose scale is the store's own. */
export interface DatastoreHit {
  chunkId: string;
  score: number;
}

/**
 * One interface over the places that hold an agent's knowledge. Every method throws an `HttpError`
 * (`ProviderError`, `OutboundFailure`), or the signal's reason. What a store finds is a list of
 * candidates: the database decides which of them the user may read.
 */
export interface Datastore {
  readonly type: DatastoreType;
  /** Most chunks of one call. */
  readonly batchSize: number;
  /** True where a query without an embedding finds nothing. */
  readonly needsEmbeddings: boolean;
  /** True where chunks are kept under ids of the store's own: sent twice, a chunk is there twice. */
  readonly givesIds: boolean;
  /** Keeps chunks, in the order given; one that is there already is replaced. */
  upsert(chunks: readonly DatastoreChunk[], signal: AbortSignal): Promise<StoredChunk[]>;
  /**
   * Under which ids the store has these, though nobody recorded it: an attempt may have broken off.
   * None where the ids are our own: to keep such a chunk again replaces it.
   */
  locate(chunkIds: readonly string[], signal: AbortSignal): Promise<StoredChunk[]>;
  /** Removes exactly these. That it returns means that they are gone. */
  remove(chunks: readonly RemovedChunk[], signal: AbortSignal): Promise<void>;
  query(query: DatastoreQuery): Promise<DatastoreHit[]>;
  /** Whether it answers, takes the credential, and fits (dimensions). */
  check(signal: AbortSignal): Promise<void>;
}
