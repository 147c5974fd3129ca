import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** Zep's graph search (https://help.getzep.com/sdk-reference/graph/search) with one user's graph. */
export async function startZep(key: string, userId: string): Promise<TestApi> {
  const app = new Hono();
  app.post("/api/v2/graph/search", async (c) => {
    if (c.req.header("authorization") !== `Api-Key ${key}`) {
      return c.json({ message: "unauthorized" }, 401);
    }
    const { query, user_id, graph_id, scope = "edges", limit = 10 } = await c.req.json();
    if (!query || !user_id === !graph_id || limit > 50) {
      return c.json({ message: "bad request: either user_id or graph_id must be provided" }, 400);
    }
    if (user_id !== userId) return c.json({ message: "not found: user not found" }, 404);
    const created_at = "2026-11-01T00:00:00Z";
    const found: Record<string, object[]> = {
      edges: [
        {
          uuid: "e-1",
          name: "LIKES",
          fact: "Nora likes tea",
          source_node_uuid: "n-1",
          target_node_uuid: "n-2",
          created_at,
          valid_at: "2026-10-01T00:00:00Z",
        },
      ],
      nodes: [{ uuid: "n-1", name: "Nora", summary: "A customer", labels: ["Entity"], created_at }],
      episodes: [{ uuid: "p-1", content: "I like tea", role: "Nora", created_at, processed: true }],
    };
    return c.json({ [scope]: found[scope]?.slice(0, limit) });
  });
  return serveProvider(app, "/api/v2");
}
