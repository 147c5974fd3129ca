import { type Context, Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** An index, and whether it embeds texts itself. */
export interface PineconeIndex {
  name: string;
  dimension: number;
  embeds?: boolean;
  records: { id: string; score: number; metadata: Record<string, unknown> }[];
}

/** Pinecone's control plane and the host of one index (https://docs.pinecone.io/reference/api). */
export async function startPinecone(
  key: string,
  index: PineconeIndex,
): Promise<{ control: TestApi; data: TestApi }> {
  const found = (most: number) => index.records.slice(0, most);
  const data = new Hono();
  data.use(async (c, next) => refuse(c, key) ?? next());
  data.post("/query", async (c) => {
    const { vector, id, topK, namespace, includeMetadata } = await c.req.json();
    if (vector && vector.length !== index.dimension) {
      const message = `Vector dimension ${vector.length} does not match the dimension of the index`;
      return c.json({ code: 3, message: `${message} ${index.dimension}`, details: [] }, 400);
    }
    if (!vector === !id) return c.json({ code: 3, message: "Give vector or id", details: [] }, 400);
    const matches = found(topK).map(({ metadata, ...match }) => ({
      ...match,
      values: [],
      ...(includeMetadata ? { metadata } : {}),
    }));
    return c.json({ results: [], matches, namespace, usage: { readUnits: 5 } });
  });
  data.post("/records/namespaces/:namespace/search", async (c) => {
    const { query } = await c.req.json();
    if (!index.embeds) {
      const message = "Integrated inference is not configured for this index";
      return c.json({ error: { code: "INVALID_ARGUMENT", message }, status: 400 }, 400);
    }
    const hits = found(query.top_k).map(({ id, score, metadata }) => ({
      _id: id,
      _score: score,
      fields: metadata,
    }));
    return c.json({ result: { hits }, usage: { read_units: 6, embed_total_tokens: 3 } });
  });
  const dataServer = await serveProvider(data);

  const control = new Hono();
  control.use(async (c, next) => refuse(c, key) ?? next());
  control.get("/indexes/:name", (c) => {
    if (c.req.param("name") !== index.name) {
      const message = `Resource ${c.req.param("name")} not found`;
      return c.json({ error: { code: "NOT_FOUND", message }, status: 404 }, 404);
    }
    const { name, dimension } = index;
    const host = dataServer.url.replace("http://", "");
    return c.json({ name, dimension, metric: "cosine", host, status: { ready: true } });
  });
  return { control: await serveProvider(control), data: dataServer };
}

function refuse(c: Context, key: string): Response | null {
  if (c.req.header("api-key") !== key) return c.text("Unauthorized", 401);
  return c.req.header("x-pinecone-api-version")
    ? null
    : c.json({ code: 3, message: "X-Pinecone-API-Version is required" }, 400);
}
