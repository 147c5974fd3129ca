import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../../functions/_shared/database/rpc.ts";
import { findInDatastores } from "../../../functions/_shared/datastores/find-in-datastores.ts";
import { pineconeDatastore } from "../../../functions/_shared/datastores/pinecone.ts";
import { zepDatastore } from "../../../functions/_shared/datastores/zep.ts";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";
import { startPineconeIndex, type TestPinecone } from "../../support/datastores/pinecone.ts";
import { startZepCloud, type TestZep } from "../../support/datastores/zep.ts";
import { loopback } from "../../support/providers/run-capability.ts";
import { chunkOf, failureOf, idOf, questionOf } from "./samples.ts";

const KEY = "correct-horse";
const { signal } = new AbortController();

describe("findInDatastores()", () => {
  let index: TestPinecone;
  let cloud: TestZep;
  let targets: Record<string, unknown>[];
  const log = vi.fn();

  const rpc: Rpc = async (name, args) => {
    if (name === "agent_datastore_targets") return targets;
    const { p_references } = args as { p_references: string[] };
    if (p_references.includes("lost")) {
      throw new HttpError(404, "secret_not_found", "The organization keeps no secret lost");
    }
    return Object.fromEntries(p_references.map((reference) => [reference, KEY]));
  };
  const find = (more: Partial<Parameters<typeof questionOf>[1]> = {}) =>
    findInDatastores(idOf(1), questionOf(1, more), {
      rpc,
      log,
      network: loopback,
      limits: { timeoutMs: 300 },
    });

  beforeAll(async () => {
    index = await startPineconeIndex(KEY, 384);
    cloud = await startZepCloud(KEY, "ensemble");
    const access = { network: loopback, apiKey: KEY };
    const chunks = [1, 2, 3].map((number) => chunkOf(number));
    await pineconeDatastore({ host: index.url, namespace: "ensemble" }, access).upsert(
      chunks,
      signal,
    );
    await zepDatastore({ graphId: "ensemble", baseUrl: cloud.url }, access).upsert(
      [chunkOf(2, { text: "What about tea?" }), chunkOf(4)],
      signal,
    );
  });
  afterAll(() => Promise.all([index.close(), cloud.close()]));
  beforeEach(() => {
    index.forget();
    cloud.forget();
    cloud.delayMs = 0;
    log.mockClear();
    targets = [target("Graph", "getzep", zep()), target("Index", "pinecone", pinecone())];
  });

  const target = (name: string, type: string, config: object, pending_media = 0) => ({
    datastore_id: idOf(50),
    organization_id: idOf(60),
    name,
    type,
    config,
    pending_media,
  });
  const pinecone = () => ({ host: index.url, namespace: "ensemble", api_key_ref: "vectors" });
  const zep = () => ({ graph_id: "ensemble", base_url: cloud.url, api_key_ref: "zep" });

  it("leaves out what is no chunk, as others may keep records in the same place", async () => {
    const access = { network: loopback, apiKey: KEY };
    const store = pineconeDatastore({ host: index.url, namespace: "shared" }, access);
    await store.upsert([chunkOf(1), { ...chunkOf(2), chunkId: "their-record" }], signal);
    targets = [target("Index", "pinecone", { ...pinecone(), namespace: "shared" })];

    expect((await find()).candidates).toEqual([{ chunk_id: idOf(1), rank: 1 }]);
  });

  it("asks no one when the agent has the built-in store alone", async () => {
    targets = [target("Built in", "postgres", {})];

    expect(await find()).toEqual({ candidates: null, notices: [] });
  });

  it("makes one list of what several find, those first that more of them found", async () => {
    const { candidates, notices } = await find();

    expect(candidates?.[0]).toEqual({ chunk_id: idOf(2), rank: 1 });
    expect(candidates?.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect(notices).toEqual([]);
  });

  it("leaves it to the database when nothing is found", async () => {
    targets = [target("Index", "pinecone", pinecone())];

    const found = await find({ filter: { mediaIds: [idOf(1)] } });

    expect(index.requests).toHaveLength(1);
    expect(found).toEqual({ candidates: null, notices: [] });
  });

  it("goes without a store that fails, and says so", async () => {
    index.answerNext({ status: 503, body: "unavailable" });

    const { candidates, notices } = await find();

    expect(candidates?.map(({ chunk_id }) => chunk_id)).toEqual([idOf(2), idOf(4)]);
    expect(notices).toEqual(['The datastore "Index" did not answer.']);
  });

  it("goes without a store that is slow", async () => {
    cloud.delayMs = 1000;

    const { candidates, notices } = await find();

    expect(candidates).toHaveLength(3);
    expect(notices).toEqual(['The datastore "Graph" did not answer.']);
  });

  it("goes without a store whose secret is not there, and says no more than that", async () => {
    targets = [target("Index", "pinecone", { ...pinecone(), api_key_ref: "lost" })];

    const found = await find();

    expect(found).toEqual({
      candidates: null,
      notices: ['The datastore "Index" did not answer.'],
    });
  });

  it("does not ask a store of vectors without one", async () => {
    const { candidates, notices } = await find({ embedding: null, embeddingModel: null });

    expect(candidates?.map(({ chunk_id }) => chunk_id)).toEqual([idOf(2), idOf(4)]);
    expect(notices).toEqual(['The datastore "Index" finds by embeddings alone.']);
    expect(index.requests).toEqual([]);
  });

  it("says how much a store does not have yet", async () => {
    targets = [target("Index", "pinecone", pinecone(), 2)];

    const { notices } = await find();

    expect(notices).toEqual(['The datastore "Index" does not have 2 of the agent\'s media yet.']);
  });

  it("stops when nobody waits for it any more", async () => {
    const reason = new Error("They went away");

    expect(await failureOf(find({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it("never logs the key", async () => {
    index.answerNext({ status: 400, json: { code: 3, message: `Bad key ${KEY}`, details: [] } });

    await find();

    expect(log).toHaveBeenCalledOnce();
    expect(JSON.stringify(log.mock.calls)).not.toContain(KEY);
  });
});
