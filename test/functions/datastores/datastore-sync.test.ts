import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";
import { syncDatastore } from "../../../functions/datastore-sync/handler.ts";
import type { ClaimedJob, DatastoreBatch } from "../../../types/schemas.ts";
import { startPineconeIndex, type TestPinecone } from "../../support/datastores/pinecone.ts";
import { startZepCloud, type TestZep } from "../../support/datastores/zep.ts";
import { loopback } from "../../support/providers/run-capability.ts";
import { axis, failureOf, idOf } from "./samples.ts";

const KEY = "correct-horse";

type Addition = DatastoreBatch["chunks"][number];

describe("datastore-sync", () => {
  let index: TestPinecone;
  let cloud: TestZep;
  let target: Record<string, unknown> | null;
  let batches: Partial<DatastoreBatch>[];
  let calls: { name: string; args: Record<string, unknown> }[];
  let refusals: Record<string, Error>;
  const queue = { complete: vi.fn(), fail: vi.fn(), release: vi.fn() };
  const log = vi.fn();

  const rpc: Rpc = async (name, args = {}) => {
    calls.push({ name, args });
    if (refusals[name]) throw refusals[name];
    switch (name) {
      case "datastore_sync_target":
        return target;
      case "resolve_organization_secrets":
        return { vectors: KEY };
      case "next_datastore_batch":
        return { removals: [], chunks: [], ...batches.shift() };
      default:
        return null;
    }
  };
  const job = (more: Partial<ClaimedJob> = {}): ClaimedJob => ({
    id: 1,
    kind: "sync_datastore",
    organization_id: idOf(60),
    payload: { place_id: idOf(50) },
    attempts: 1,
    max_attempts: 3,
    lease_token: 100,
    leased_until: "2030-01-01T00:00:00Z",
    ...more,
  });
  const sync = (more: Partial<ClaimedJob> = {}, isSpent = () => false, lost?: AbortSignal) =>
    syncDatastore(
      job(more),
      { budget: { isSpent } as never, lost: lost ?? new AbortController().signal },
      { rpc, queue, log, network: loopback, limits: { timeoutMs: 1000 } },
    );
  const argsOf = (name: string) =>
    calls
      .filter((call) => call.name === name)
      .map(({ args: { p_job_id: _, p_lease_token: __, ...args } }) => args);
  const addition = (number: number, more: Partial<Addition> = {}): Addition => ({
    chunk_id: idOf(number),
    media_id: idOf(900),
    generation: 1,
    text: `Passage ${number}`,
    embedding: axis(number),
    embedding_model: "hashing",
    metadata: { name: "Handbook" },
    is_uncertain: false,
    is_settled: true,
    ...more,
  });
  const removal = (
    number: number,
    external_id: string | null = idOf(number),
    is_settled = true,
  ) => ({ chunk_id: idOf(number), external_id, is_settled });
  const episodes = () => [...(cloud.graphs.get("ensemble")?.values() ?? [])];

  beforeAll(async () => {
    index = await startPineconeIndex(KEY, 384);
    cloud = await startZepCloud(KEY);
  });
  afterAll(() => Promise.all([index.close(), cloud.close()]));
  beforeEach(() => {
    index.forget();
    index.namespaces.clear();
    cloud.forget();
    cloud.graphs.clear();
    cloud.graphs.set("ensemble", new Map());
    batches = [];
    calls = [];
    refusals = {};
    vi.clearAllMocks();
    useIndex();
  });

  function useIndex(more: Record<string, unknown> = {}) {
    target = {
      place_id: idOf(50),
      organization_id: idOf(60),
      type: "pinecone",
      config: { host: index.url, namespace: "ensemble", api_key_ref: "vectors" },
      api_key: null,
      ...more,
    };
  }
  function useGraph() {
    const config = { graph_id: "ensemble", base_url: cloud.url, api_key_ref: "vectors" };
    useIndex({ type: "getzep", config });
  }

  it("adds and removes what the database says, and says what was done", async () => {
    batches = [{ chunks: [addition(1), addition(2)] }, { removals: [removal(1)] }];

    const outcome = await sync();

    expect(outcome).toBe("synced");
    expect([...(index.namespaces.get("ensemble")?.keys() ?? [])]).toEqual([idOf(2)]);
    expect(argsOf("save_datastore_batch")).toEqual([
      {
        p_stored: [
          { chunk_id: idOf(1), external_id: idOf(1) },
          { chunk_id: idOf(2), external_id: idOf(2) },
        ],
      },
      { p_removed: [idOf(1)] },
    ]);
    expect(calls.at(-1)?.name).toBe("complete_datastore_sync");
  });

  it("takes down each chunk at once where the store takes one at a time", async () => {
    useGraph();
    batches = [
      { chunks: [addition(1), addition(2), addition(3), addition(4, { is_uncertain: true })] },
    ];
    cloud.answerNext({ json: { graph_id: "ensemble" } });
    cloud.answerNext({ status: 202, json: { uuid: "e-1" } });
    cloud.answerNext({ status: 429, headers: { "retry-after": "40" }, json: { message: "slow" } });

    const outcome = await sync();

    expect(outcome).toBe("refused");
    expect(argsOf("save_datastore_batch")).toEqual([
      { p_stored: [{ chunk_id: idOf(1), external_id: "e-1" }] },
      { p_unsent: [idOf(2), idOf(3)] },
    ]);
    expect(argsOf("fail_datastore_sync")).toEqual([
      { p_error: expect.stringContaining("limits"), p_retry_after_seconds: 40 },
    ]);
  });

  it("finds what an attempt that broke off left behind, and keeps one of two", async () => {
    useGraph();
    batches = [{ chunks: [addition(1)] }];
    await sync();
    const [first] = episodes();
    cloud.graphs.get("ensemble")?.set("again", { ...first, uuid: "again" } as never);
    calls = [];
    batches = [{ chunks: [addition(1, { is_uncertain: true })] }];

    await sync();

    expect(episodes().map(({ uuid }) => uuid)).toEqual([first?.uuid]);
    expect(argsOf("save_datastore_batch")).toEqual([
      { p_stored: [{ chunk_id: idOf(1), external_id: first?.uuid }] },
    ]);
  });

  it("does not know of a chunk whose sending failed that it is not there", async () => {
    useGraph();
    batches = [{ chunks: [addition(1), addition(2)] }];
    cloud.answerNext({ json: { graph_id: "ensemble" } });
    cloud.answerNext({ status: 500, json: { message: "internal server error" } });

    expect(await sync()).toBe("refused");
    expect(argsOf("save_datastore_batch")).toEqual([{ p_unsent: [idOf(2)] }]);
  });

  it.each([
    ["sends not again", { chunks: [addition(1, { is_uncertain: true, is_settled: false })] }],
    ["does not take for gone", { removals: [removal(1, null, false)] }],
  ])("%s what may still be on its way", async (_, batch) => {
    useGraph();
    batches = [batch];

    expect(await sync()).toBe("refused");
    expect(argsOf("save_datastore_batch")).toEqual([]);
    expect(argsOf("fail_datastore_sync")).toMatchObject([{ p_retry_after_seconds: 60 }]);
    expect(episodes()).toEqual([]);
  });

  it("sends again what was on its way for long", async () => {
    useGraph();
    batches = [{ chunks: [addition(1, { is_uncertain: true })] }];

    expect(await sync()).toBe("synced");
    expect(episodes()).toHaveLength(1);
  });

  it("looks for nothing where sending again replaces", async () => {
    batches = [{ chunks: [addition(1, { is_uncertain: true, is_settled: false })] }];

    expect(await sync()).toBe("synced");
    expect(index.namespaces.get("ensemble")?.size).toBe(1);
  });

  it("removes also what the store never said that it has", async () => {
    useGraph();
    batches = [{ chunks: [addition(1), addition(2)] }];
    await sync();
    batches = [{ removals: [removal(1, null), removal(3, null)] }];

    const outcome = await sync();

    expect(outcome).toBe("synced");
    expect(episodes().map(({ metadata }) => metadata.chunk_id)).toEqual([idOf(2)]);
    expect(argsOf("save_datastore_batch").slice(2)).toEqual([
      { p_removed: [idOf(1)] },
      { p_removed: [idOf(3)] },
    ]);
  });

  it("does not say of what is still there that it was removed", async () => {
    batches = [{ chunks: [addition(1)] }];
    await sync();
    calls = [];
    batches = [{ removals: [removal(1)] }];
    index.answerNext({ json: { dimension: 384 } });
    index.answerNext({ status: 404, json: { code: 5, message: "Not found", details: [] } });

    const outcome = await sync();

    expect(outcome).toBe("refused");
    expect(argsOf("save_datastore_batch")).toEqual([]);
    expect(argsOf("fail_datastore_sync")).toHaveLength(1);
  });

  it("empties the store of a datastore that was deleted with the key that was kept", async () => {
    batches = [{ chunks: [addition(1)] }];
    await sync();
    calls = [];
    useIndex({
      organization_id: null,
      config: { host: index.url, namespace: "ensemble" },
      api_key: KEY,
    });
    batches = [{ removals: [removal(1)] }];

    const outcome = await sync({ organization_id: null });

    expect(outcome).toBe("synced");
    expect(index.namespaces.size).toBe(0);
    expect(argsOf("resolve_organization_secrets")).toEqual([]);
  });

  it("hands the job back when the budget is spent", async () => {
    batches = [{ chunks: [addition(1)] }];

    const outcome = await sync({}, () => true);

    expect(argsOf("save_datastore_batch")).toEqual([{ p_unsent: [idOf(1)] }]);
    expect(outcome).toBe("released");
    expect(queue.release).toHaveBeenCalledOnce();
    expect(argsOf("complete_datastore_sync")).toEqual([]);
  });

  it("sends nothing more once the lease is lost", async () => {
    const lost = new AbortController();
    batches = [{ chunks: [addition(1)] }];
    lost.abort(new HttpError(409, "lease_lost", "The job is another's"));

    const failure = await failureOf(sync({}, () => false, lost.signal));

    expect(failure).toMatchObject({ code: "lease_lost" });
    expect(index.requests).toEqual([]);
    expect(argsOf("fail_datastore_sync")).toEqual([]);
  });

  it.each([
    ["401", { status: 401, body: "Unauthorized" }, "refuses"],
    ["500", { status: 500, body: "" }, "failed with status 500"],
    ["an answer that is none", { body: "<html>" }, "something other"],
  ])("writes down that the store answers with %s", async (_, answer, words) => {
    index.answerNext(answer);

    const outcome = await sync();

    expect(outcome).toBe("refused");
    expect(argsOf("fail_datastore_sync")).toEqual([
      { p_error: expect.stringContaining(words), p_retry_after_seconds: null },
    ]);
    expect(JSON.stringify(calls)).not.toContain(KEY);
  });

  it("writes down that a secret is not there", async () => {
    refusals.resolve_organization_secrets = new HttpError(
      404,
      "secret_not_found",
      "The organization keeps no secret vectors",
    );

    expect(await sync()).toBe("refused");
    expect(argsOf("fail_datastore_sync")).toEqual([
      { p_error: "The organization keeps no secret vectors", p_retry_after_seconds: null },
    ]);
  });

  it("lets the database's failures be the job's, not the store's", async () => {
    refusals.next_datastore_batch = new HttpError(503, "database_unavailable", "Try again");

    const failure = await failureOf(sync());

    expect(failure).toMatchObject({ code: "database_unavailable" });
    expect(argsOf("fail_datastore_sync")).toEqual([]);
  });

  it("is done when nothing is left of the store", async () => {
    target = null;

    expect(await sync()).toBe("gone");
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("refuses for good what is no job of its kind", async () => {
    expect(await sync({ kind: "refresh_token" })).toBe("failed");
    expect(await sync({ payload: {} })).toBe("failed");
    expect(queue.fail).toHaveBeenCalledTimes(2);
    expect(queue.fail.mock.calls[0]?.[1]).toMatchObject({ permanent: true });
  });
});
