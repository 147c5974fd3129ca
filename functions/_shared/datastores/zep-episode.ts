import { z } from "zod";
import type { DatastoreChunk, DatastoreFilter } from "./datastore.ts";

/** Media that are named in a filter; more are left to us. */
const MOST_FILTERED = 20;

/** An episode, as far as it is read. */
export const episode = z.object({
  uuid: z.string().min(1),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  score: z.number().nullish(),
  relevance: z.number().nullish(),
});

/** What an episode keeps beside its text: at most ten keys of texts, numbers and switches. */
export function metadataOf({ chunkId, mediaId, generation, metadata }: DatastoreChunk) {
  const said = Object.entries(metadata).filter(([, value]) => !Array.isArray(value));
  return {
    ...Object.fromEntries(said.slice(0, 7)),
    chunk_id: chunkId,
    media_id: mediaId,
    generation,
  };
}

/** A filter for episodes that have one of the values. */
export function oneOf(property_name: string, values: readonly string[]) {
  const filters = values.map((property_value) => ({
    property_name,
    comparison_operator: "=",
    property_value,
  }));
  return { type: "or", filters };
}

/** The filters of a search; none where too many media would have to be named. */
export function filtersOf({ mediaIds }: DatastoreFilter) {
  return mediaIds && mediaIds.length <= MOST_FILTERED
    ? { search_filters: { episode_metadata_filters: oneOf("media_id", mediaIds) } }
    : {};
}
