import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pineconeDatastore } from "../../../functions/_shared/datastores/pinecone.ts";
import { startPineconeIndex, type TestPinecone } from "../../support/datastores/pinecone.ts";
import { loopback } from "../../support/providers/run-capability.ts";
import { axis, chunkOf, failureOf, idOf, questionOf, removedOf } from "./samples.ts";

const KEY = "pcsk-correct-horse";
const { signal } = new AbortController();

describe("a Pinecone datastore", () => {
  let index: TestPinecone;

  const open = (more: { apiKey?: string; timeoutMs?: number } = {}) =>
    pineconeDatastore(
      { host: index.url, namespace: "ensemble" },
      {
        network: loopback,
        apiKey: more.apiKey ?? KEY,
        limits: { timeoutMs: more.timeoutMs ?? 5000 },
      },
    );
  const lastBody = () => JSON.parse(String(index.requests.at(-1)?.body));

  beforeAll(async () => {
    index = await startPineconeIndex(KEY, 384);
  });
  afterAll(() => index.close());
  beforeEach(() => {
    index.forget();
    index.namespaces.clear();
    index.delayMs = 0;
  });

  it("keeps chunks under their own ids, with where they are from and without their text", async () => {
    const stored = await open().upsert([chunkOf(1), chunkOf(2)], signal);

    expect(stored).toEqual([
      { chunkId: idOf(1), externalId: idOf(1) },
      { chunkId: idOf(2), externalId: idOf(2) },
    ]);
    expect(index.namespaces.get("ensemble")?.get(idOf(1))).toEqual({
      id: idOf(1),
      values: axis(1),
      metadata: {
        name: "Handbook",
        page: 1,
        tags: ["policy"],
        media_id: idOf(900),
        generation: 1,
        embedding_model: "hashing",
      },
    });
    expect(index.requests[0]?.headers).toMatchObject({
      "api-key": KEY,
      "x-pinecone-api-version": "2025-04",
    });
  });

  it("finds what is alike, best first, among the media and the model that are asked for", async () => {
    await open().upsert(
      [
        chunkOf(1),
        chunkOf(2, { mediaId: idOf(901) }),
        chunkOf(3, { embedding: axis(1), embeddingModel: "another" }),
        chunkOf(4, { mediaId: idOf(902), embedding: axis(1) }),
      ],
      signal,
    );

    const filter = { mediaIds: [idOf(900), idOf(901)] };
    const hits = await open().query(questionOf(1, { filter }));

    expect(hits).toEqual([
      { chunkId: idOf(1), score: 1 },
      { chunkId: idOf(2), score: 0 },
    ]);
  });

  it("is not asked without an embedding, nor about no media", async () => {
    expect(await open().query(questionOf(1, { embedding: null }))).toEqual([]);
    expect(await open().query(questionOf(1, { filter: { mediaIds: [] } }))).toEqual([]);
    expect(index.requests).toEqual([]);
  });

  it("removes exactly what it is told", async () => {
    await open().upsert([chunkOf(1), chunkOf(2)], signal);

    await open().remove([removedOf(1)], signal);

    expect([...(index.namespaces.get("ensemble")?.keys() ?? [])]).toEqual([idOf(2)]);
    expect(lastBody()).toEqual({ ids: [idOf(1)], namespace: "ensemble" });
  });

  it("does not take a 404 on delete for success while the records are there", async () => {
    await open().upsert([chunkOf(1)], signal);
    index.answerNext({ status: 404, json: { code: 5, message: "Index not found", details: [] } });

    const failure = await failureOf(open().remove([removedOf(1)], signal));

    expect(failure).toMatchObject({ code: "provider_not_found", providerStatus: 404 });
    expect(index.namespaces.get("ensemble")?.size).toBe(1);
  });

  it("does not take a 404 on delete for success when nothing else answers either", async () => {
    const notFound = { status: 404, body: "no such index" };
    index.answerNext(notFound);
    index.answerNext(notFound);

    const failure = await failureOf(open().remove([removedOf(1)], signal));

    expect(failure).toMatchObject({ code: "provider_not_found" });
    expect(index.requests.map(({ path }) => path)).toEqual([
      "/vectors/delete",
      "/describe_index_stats",
    ]);
  });

  it("asks the index when a namespace is not found, which goes with its last record", async () => {
    await open().upsert([chunkOf(1)], signal);
    const record = [removedOf(1)];
    await open().remove(record, signal);

    await open().remove(record, signal);

    expect(index.requests.at(-1)?.path).toBe("/describe_index_stats");
  });

  it("does not rely on a namespace that is not found while records may be on their way", async () => {
    const failure = await failureOf(
      open().remove([removedOf(1), removedOf(2, { isSettled: false })], signal),
    );

    expect(failure).toMatchObject({ code: "provider_not_found" });
  });

  it("says that the key is refused, without the key", async () => {
    const failure = await failureOf(open({ apiKey: "pcsk-wrong" }).check(signal));

    expect(failure).toMatchObject({ code: "provider_unauthorized", providerStatus: 401 });
    expect(String(failure)).not.toContain("pcsk-wrong");
  });

  it("says how long to wait when it is asked too often", async () => {
    index.answerNext({
      status: 429,
      headers: { "retry-after": "17" },
      json: { code: 8, message: "Too many requests", details: [] },
    });

    const failure = await failureOf(open().upsert([chunkOf(1)], signal));

    expect(failure).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 17 });
  });

  it.each([500, 502, 503])("says that it failed with %i", async (status) => {
    index.answerNext({ status, body: "upstream connect error" });

    const failure = await failureOf(open().query(questionOf(1)));

    expect(failure).toMatchObject({ code: "provider_unavailable", providerStatus: status });
  });

  it.each([
    ["no JSON", { body: "<html>Welcome to nginx</html>" }],
    ["another document", { json: { matches: [{ score: "high" }] } }],
  ])("refuses an answer that is %s", async (_, answer) => {
    index.answerNext(answer);

    const failure = await failureOf(open().query(questionOf(1)));

    expect(failure).toMatchObject({ code: "provider_bad_answer" });
  });

  it("does not take it for done when fewer vectors were kept", async () => {
    index.answerNext({ json: { upsertedCount: 1 } });

    const failure = await failureOf(open().upsert([chunkOf(1), chunkOf(2)], signal));

    expect(failure).toMatchObject({ code: "provider_bad_answer" });
  });

  it("does not wait longer than it may", async () => {
    index.delayMs = 500;

    const failure = await failureOf(open({ timeoutMs: 50 }).query(questionOf(1)));

    expect(failure).toMatchObject({ code: "outbound_timeout" });
  });

  it("ends a request when nobody waits for it any more", async () => {
    index.delayMs = 500;
    const reason = new Error("The lease is lost");

    const failure = await failureOf(
      open().query(questionOf(1, { signal: AbortSignal.abort(reason) })),
    );

    expect(failure).toBe(reason);
  });

  it("refuses an index of another dimension when it is checked", async () => {
    const narrow = await startPineconeIndex(KEY, 1536);
    const store = pineconeDatastore(
      { host: narrow.url, namespace: "ensemble" },
      { network: loopback, apiKey: KEY },
    );

    const failure = await failureOf(store.check(signal));
    await narrow.close();

    expect(failure).toMatchObject({ message: expect.stringContaining("1536 dimensions") });
    await expect(open().check(signal)).resolves.toBeUndefined();
  });

  it("does not follow where a server would lead the key", async () => {
    index.answerNext({ status: 307, headers: { location: "https://elsewhere.example/query" } });

    const failure = await failureOf(open().query(questionOf(1)));

    expect(failure).toMatchObject({ code: "outbound_redirect_refused" });
  });
});
