import { z } from "zod";
import { pathOf } from "../integrations/provider-api.ts";
import { ProviderError } from "../integrations/provider-error.ts";
import type { Datastore, RemovedChunk, StoredChunk } from "./datastore.ts";
import { type StoreAccess, storeApi } from "./store-api.ts";
import { episode, filtersOf, metadataOf, oneOf } from "./zep-episode.ts";

/** Where in Zep: a graph of the key's project. */
export interface ZepPlace {
  graphId: string;
  /** Zep Cloud unless said. */
  baseUrl?: string;
}

const CLOUD = "https://api.getzep.com/api/v2";
/** Limits of the API, in characters and results. */
const MOST_DATA = 10_000;
const MOST_QUERY = 400;
const MOST_RESULTS = 50;

/**
 * A graph of Zep Cloud (https://help.getzep.com/sdk-reference/graph, API v2). A chunk is an episode,
 * whose id is Zep's: it is told by the chunk's id in its metadata when nobody took it down.
 */
export function zepDatastore(place: ZepPlace, access: StoreAccess): Datastore {
  const { graphId } = place;
  const headers = { authorization: `Api-Key ${access.apiKey}` };
  const api = (signal: AbortSignal) =>
    storeApi("Zep", place.baseUrl ?? CLOUD, access, headers, signal);
  const hasGraph = (signal: AbortSignal) =>
    api(signal).json(z.looseObject({}), { path: pathOf`graph/${graphId}` });

  async function removeEpisode({ externalId, isSettled }: RemovedChunk, signal: AbortSignal) {
    const path = pathOf`graph/episodes/${externalId}`;
    try {
      await api(signal).json(z.looseObject({}), { method: "DELETE", path });
    } catch (error) {
      // Not found may be the episode, or all there was: another project's key sees no graph either.
      // It is gone if the graph is there and does not have it.
      if (!isNotFound(error) || !isSettled || !(await isGone(path, signal))) {
        throw error;
      }
    }
  }

  async function isGone(path: string, signal: AbortSignal): Promise<boolean> {
    try {
      await hasGraph(signal);
    } catch {
      return false;
    }
    return api(signal)
      .send({ path })
      .then(async (response) => {
        await response.body?.cancel();
        return false;
      }, isNotFound);
  }

  return {
    type: "getzep",
    // Zep takes one episode at a time, in order.
    batchSize: 1,
    needsEmbeddings: false,
    givesIds: true,

    async upsert(chunks, signal) {
      const stored: StoredChunk[] = [];
      for (const chunk of chunks) {
        const { uuid } = await api(signal).json(z.object({ uuid: z.string().min(1) }), {
          method: "POST",
          path: "graph",
          json: {
            graph_id: graphId,
            type: "text",
            data: chunk.text.slice(0, MOST_DATA),
            document_id: chunk.mediaId,
            metadata: metadataOf(chunk),
          },
        });
        stored.push({ chunkId: chunk.chunkId, externalId: uuid });
      }
      return stored;
    },

    async locate(chunkIds, signal) {
      const located: StoredChunk[] = [];
      for (const chunkId of chunkIds) {
        const episodes = await api(signal).json(z.array(episode), {
          method: "POST",
          path: pathOf`graph/episodes/graph/${graphId}`,
          json: { limit: MOST_RESULTS, episode_metadata_filters: oneOf("chunk_id", [chunkId]) },
        });
        for (const { uuid, metadata } of episodes) {
          // Whatever else a filter lets through is not ours to touch.
          if (metadata?.chunk_id === chunkId) {
            located.push({ chunkId, externalId: uuid });
          }
        }
      }
      return located;
    },

    async remove(chunks, signal) {
      for (const chunk of chunks) {
        await removeEpisode(chunk, signal);
      }
    },

    async query({ text, filter, limit, signal }) {
      const query = text.trim().slice(0, MOST_QUERY);
      if (query === "" || filter.mediaIds?.length === 0) {
        return [];
      }
      const { episodes } = await api(signal).json(found, {
        method: "POST",
        path: "graph/search",
        json: {
          query,
          graph_id: graphId,
          scope: "episodes",
          limit: Math.min(limit, MOST_RESULTS),
          ...filtersOf(filter),
        },
      });
      const allowed = filter.mediaIds && new Set<unknown>(filter.mediaIds);
      return (episodes ?? []).flatMap(({ metadata, score, relevance }, rank) => {
        const chunkId = metadata?.chunk_id;
        const isAllowed = !allowed || allowed.has(metadata?.media_id);
        return typeof chunkId === "string" && isAllowed
          ? [{ chunkId, score: score ?? relevance ?? 1 / (rank + 1) }]
          : [];
      });
    },

    async check(signal) {
      try {
        await hasGraph(signal);
      } catch (error) {
        throw isNotFound(error)
          ? new ProviderError("provider_not_found", `Zep has no graph "${graphId}".`, {
              cause: error,
              hint: "Create the graph at Zep, or name another as graph_id.",
            })
          : error;
      }
    },
  };
}

const found = z.object({ episodes: z.array(episode).nullish() });

function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.code === "provider_not_found";
}
