import { Hono } from "hono";
import type { TestApi } from "../providers/api-server.ts";
import { serveProvider } from "../providers/serve-provider.ts";

interface ZepEpisode {
  uuid: string;
  content: string;
  document_id?: string;
  metadata: Record<string, unknown>;
  source: "text";
  processed: boolean;
  created_at: string;
}

/** Zep Cloud on loopback, and what its graphs hold. */
export interface TestZep extends TestApi {
  /** Episodes by their graph and uuid. */
  graphs: Map<string, Map<string, ZepEpisode>>;
  /** How long each answer takes, in milliseconds. */
  delayMs: number;
}

/** The graph API of Zep Cloud (https://help.getzep.com/sdk-reference/graph), below /api/v2. */
export async function startZepCloud(key: string, ...graphIds: string[]): Promise<TestZep> {
  const graphs: TestZep["graphs"] = new Map(graphIds.map((id) => [id, new Map()]));
  const app = new Hono();
  const notFound = { message: "not found" };

  app.use(async (c, next) => {
    if (server.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, server.delayMs));
    return c.req.header("authorization") === `Api-Key ${key}`
      ? next()
      : c.json({ message: "unauthorized" }, 401);
  });
  app.post("/api/v2/graph", async (c) => {
    const { graph_id, data, type, document_id, metadata = {} } = await c.req.json();
    const graph = graphs.get(graph_id);
    if (!graph) return c.json(notFound, 404);
    if (type !== "text" || !data || data.length > 10_000 || Object.keys(metadata).length > 10) {
      return c.json({ message: "bad request" }, 400);
    }
    const uuid = crypto.randomUUID();
    const created_at = new Date().toISOString();
    const episode: ZepEpisode = {
      uuid,
      content: data,
      metadata,
      source: "text",
      processed: false,
      created_at,
      ...(document_id ? { document_id } : {}),
    };
    graph.set(uuid, episode);
    return c.json(episode, 202);
  });
  app.post("/api/v2/graph/search", async (c) => {
    const { query, graph_id, scope, limit = 10, search_filters } = await c.req.json();
    const graph = graphs.get(graph_id);
    if (!graph) return c.json(notFound, 404);
    if (!query || query.length > 400 || limit > 50 || scope !== "episodes") {
      return c.json({ message: "bad request" }, 400);
    }
    const words = query.toLowerCase().match(/\w+/g) ?? [];
    const episodes = [...graph.values()]
      .filter(({ metadata }) => passes(metadata, search_filters?.episode_metadata_filters))
      .map((episode) => ({
        ...episode,
        score: words.filter((word: string) => episode.content.toLowerCase().includes(word)).length,
      }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score)
      .slice(0, limit);
    return c.json({ episodes });
  });
  app.post("/api/v2/graph/episodes/graph/:graph", async (c) => {
    const { limit = 100, episode_metadata_filters } = await c.req.json();
    const episodes = [...(graphs.get(c.req.param("graph"))?.values() ?? [])];
    const found = episodes.filter(({ metadata }) => passes(metadata, episode_metadata_filters));
    return c.json(found.slice(0, Math.min(limit, 50)));
  });
  app.get("/api/v2/graph/episodes/:uuid", (c) => {
    const episode = [...graphs.values()]
      .map((graph) => graph.get(c.req.param("uuid")))
      .find(Boolean);
    return episode ? c.json(episode) : c.json(notFound, 404);
  });
  app.delete("/api/v2/graph/episodes/:uuid", (c) => {
    const uuid = c.req.param("uuid");
    const isThere = [...graphs.values()].some((graph) => graph.delete(uuid));
    return isThere
      ? c.json({ message: `Episode with UUID ${uuid} successfully deleted.` })
      : c.json(notFound, 404);
  });
  app.get("/api/v2/graph/:graph", (c) => {
    const graph_id = c.req.param("graph");
    return graphs.has(graph_id) ? c.json({ graph_id, id: 1 }) : c.json(notFound, 404);
  });
  const server: TestZep = { ...(await serveProvider(app, "/api/v2")), graphs, delayMs: 0 };
  return server;
}

interface FilterGroup {
  type: "and" | "or";
  filters: { property_name: string; comparison_operator: string; property_value: unknown }[];
}

function passes(metadata: Record<string, unknown>, group?: FilterGroup): boolean {
  const holds = ({ property_name, property_value }: FilterGroup["filters"][number]) =>
    metadata[property_name] === property_value;
  return !group || (group.type === "or" ? group.filters.some(holds) : group.filters.every(holds));
}
