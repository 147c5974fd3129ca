import { Hono } from "hono";
import type { TestApi } from "../providers/api-server.ts";
import { serveProvider } from "../providers/serve-provider.ts";

interface PineconeRecord {
  id: string;
  values: number[];
  metadata: Record<string, unknown>;
}

/** An index of Pinecone on loopback, and what is in it. */
export interface TestPinecone extends TestApi {
  /** Its records by namespace and id. A namespace goes with its last record. */
  namespaces: Map<string, Map<string, PineconeRecord>>;
  /** How long each answer takes, in milliseconds. */
  delayMs: number;
}

/** The host of a serverless index (https://docs.pinecone.io/reference/api/2025-04/data-plane). */
export async function startPineconeIndex(key: string, dimension: number): Promise<TestPinecone> {
  const namespaces: TestPinecone["namespaces"] = new Map();
  const app = new Hono();
  const status = (code: number, message: string) => ({ code, message, details: [] });

  app.use(async (c, next) => {
    if (server.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, server.delayMs));
    if (c.req.header("api-key") !== key) return c.text("Unauthorized", 401);
    return c.req.header("x-pinecone-api-version")
      ? next()
      : c.json(status(3, "X-Pinecone-API-Version header is required"), 400);
  });
  app.post("/vectors/upsert", async (c) => {
    const { vectors, namespace = "__default__" } = await c.req.json();
    const wrong = (vectors as PineconeRecord[]).find(({ values }) => values.length !== dimension);
    if (vectors.length > 1000) return c.json(status(3, "At most 1000 vectors"), 400);
    if (wrong) {
      const said = `Vector dimension ${wrong.values.length} does not match the dimension of the index`;
      return c.json(status(3, `${said} ${dimension}`), 400);
    }
    const records = namespaces.get(namespace) ?? new Map();
    namespaces.set(namespace, records);
    for (const vector of vectors) records.set(vector.id, vector);
    return c.json({ upsertedCount: vectors.length });
  });
  app.post("/vectors/delete", async (c) => {
    const { ids, namespace = "__default__" } = await c.req.json();
    const records = namespaces.get(namespace);
    if (!records) return c.json(status(5, "Namespace not found"), 404);
    for (const id of ids) records.delete(id);
    if (records.size === 0) namespaces.delete(namespace);
    return c.json({});
  });
  app.post("/query", async (c) => {
    const { vector, topK, namespace = "__default__", filter } = await c.req.json();
    if (vector.length !== dimension)
      return c.json(status(3, "Vector dimension does not match"), 400);
    const matches = [...(namespaces.get(namespace)?.values() ?? [])]
      .filter(({ metadata }) => passes(metadata, filter ?? {}))
      .map(({ id, values }) => ({ id, score: cosine(vector, values), values: [] }))
      .sort((one, other) => other.score - one.score)
      .slice(0, topK);
    return c.json({ matches, namespace, usage: { readUnits: 1 } });
  });
  app.post("/describe_index_stats", (c) =>
    c.json({
      namespaces: Object.fromEntries(
        [...namespaces].map(([name, records]) => [name, { vectorCount: records.size }]),
      ),
      dimension,
      indexFullness: 0,
      totalVectorCount: [...namespaces.values()].reduce((sum, { size }) => sum + size, 0),
      metric: "cosine",
      vectorType: "dense",
    }),
  );
  const server: TestPinecone = { ...(await serveProvider(app)), namespaces, delayMs: 0 };
  return server;
}

type Condition = { $eq?: unknown; $in?: unknown[] };

function passes(metadata: Record<string, unknown>, filter: Record<string, Condition>): boolean {
  return Object.entries(filter).every(([name, { $eq, $in }]) =>
    $in ? $in.includes(metadata[name]) : metadata[name] === $eq,
  );
}

function cosine(one: number[], other: number[]): number {
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, n, index) => sum + n * (b[index] ?? 0), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}
