import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zepDatastore } from "../../../functions/_shared/datastores/zep.ts";
import { startZepCloud, type TestZep } from "../../support/datastores/zep.ts";
import { loopback } from "../../support/providers/run-capability.ts";
import { chunkOf, failureOf, idOf, questionOf, removedOf } from "./samples.ts";

const KEY = "z_correct-horse";
const { signal } = new AbortController();

describe("a Zep datastore", () => {
  let cloud: TestZep;

  const open = (more: { apiKey?: string; graphId?: string; timeoutMs?: number } = {}) =>
    zepDatastore(
      { graphId: more.graphId ?? "ensemble", baseUrl: cloud.url },
      {
        network: loopback,
        apiKey: more.apiKey ?? KEY,
        limits: { timeoutMs: more.timeoutMs ?? 5000 },
      },
    );
  const episodes = () => [...(cloud.graphs.get("ensemble")?.values() ?? [])];
  const paths = () => cloud.requests.map(({ method, path }) => `${method} ${path}`);

  beforeAll(async () => {
    cloud = await startZepCloud(KEY);
  });
  afterAll(() => cloud.close());
  beforeEach(() => {
    cloud.forget();
    cloud.graphs.clear();
    cloud.graphs.set("ensemble", new Map());
    cloud.delayMs = 0;
  });

  it("keeps a chunk as an episode, and takes down what Zep calls it", async () => {
    const [stored] = await open().upsert([chunkOf(1)], signal);

    expect(episodes()).toEqual([
      expect.objectContaining({
        uuid: stored?.externalId,
        content: "Passage 1 speaks of tea.",
        document_id: idOf(900),
        metadata: {
          name: "Handbook",
          page: 1,
          chunk_id: idOf(1),
          media_id: idOf(900),
          generation: 1,
        },
      }),
    ]);
    expect(stored?.chunkId).toBe(idOf(1));
  });

  it("finds passages, best first, of the media that are asked for", async () => {
    await open().upsert(
      [
        chunkOf(1, { text: "Of coffee." }),
        chunkOf(2, { text: "What about tea, and about tea cups?" }),
        chunkOf(3, { text: "Tea." }),
        chunkOf(4, { mediaId: idOf(901), text: "What about tea?" }),
      ],
      signal,
    );

    const hits = await open().query(questionOf(1, { filter: { mediaIds: [idOf(900)] } }));

    expect(hits.map(({ chunkId }) => chunkId)).toEqual([idOf(2), idOf(3)]);
  });

  it("keeps to the media that are asked for also where they are too many to name", async () => {
    await open().upsert([chunkOf(1), chunkOf(2, { mediaId: idOf(1) })], signal);
    const mediaIds = Array.from({ length: 30 }, (_, number) => idOf(number));

    const hits = await open().query(questionOf(1, { filter: { mediaIds } }));

    expect(hits.map(({ chunkId }) => chunkId)).toEqual([idOf(2)]);
    expect(JSON.parse(String(cloud.requests.at(-1)?.body))).not.toHaveProperty("search_filters");
  });

  it("shortens a question to what Zep takes", async () => {
    await open().upsert([chunkOf(1)], signal);

    const hits = await open().query(questionOf(1, { text: `tea ${"x".repeat(1000)}`, limit: 100 }));

    expect(hits).toHaveLength(1);
  });

  it("passes by what somebody else put into the graph", async () => {
    cloud.answerNext({
      json: { episodes: [{ uuid: "e-1", content: "I like tea", metadata: null }] },
    });

    expect(await open().query(questionOf(1))).toEqual([]);
  });

  it("locates what an attempt left behind, each of two", async () => {
    await open().upsert([chunkOf(1), chunkOf(1), chunkOf(2)], signal);

    const located = await open().locate([idOf(1), idOf(3)], signal);

    expect(located.map(({ chunkId }) => chunkId)).toEqual([idOf(1), idOf(1)]);
    expect(new Set(located.map(({ externalId }) => externalId)).size).toBe(2);
  });

  it("takes for its own only what has the very id", async () => {
    cloud.answerNext({ json: [{ uuid: "e-1", metadata: { chunk_id: "another" } }] });

    expect(await open().locate([idOf(1)], signal)).toEqual([]);
  });

  it("removes exactly what it is told", async () => {
    const [one, two] = await open().upsert([chunkOf(1), chunkOf(2)], signal);

    await open().remove([removedOf(1, one)], signal);

    expect(episodes().map(({ uuid }) => uuid)).toEqual([two?.externalId]);
  });

  it("does not take a 404 on delete for success while the episode is there", async () => {
    const [stored] = await open().upsert([chunkOf(1)], signal);
    cloud.answerNext({ status: 404, json: { message: "not found" } });

    const failure = await failureOf(open().remove([removedOf(1, stored)], signal));

    expect(failure).toMatchObject({ code: "provider_not_found", providerStatus: 404 });
    expect(episodes()).toHaveLength(1);
  });

  it("does not take a 404 on delete for success when the graph is not found either", async () => {
    const stored = [removedOf(77)];

    const failure = await failureOf(open({ graphId: "another" }).remove(stored, signal));

    expect(failure).toMatchObject({ code: "provider_not_found" });
    expect(paths()).toEqual([
      `DELETE /api/v2/graph/episodes/${idOf(77)}`,
      "GET /api/v2/graph/another",
    ]);
  });

  it("does not take a 404 on delete for success when it cannot ask again", async () => {
    cloud.answerNext({ status: 404, json: { message: "not found" } });
    cloud.answerNext({ json: { graph_id: "ensemble" } });
    cloud.answerNext({ status: 503, body: "unavailable" });

    const failure = await failureOf(open().remove([removedOf(77)], signal));

    expect(failure).toMatchObject({ code: "provider_not_found" });
  });

  it("knows an episode to be gone when its graph is there and does not have it", async () => {
    const stored = [removedOf(77)];

    await open().remove(stored, signal);

    expect(paths()).toEqual([
      `DELETE /api/v2/graph/episodes/${idOf(77)}`,
      "GET /api/v2/graph/ensemble",
      `GET /api/v2/graph/episodes/${idOf(77)}`,
    ]);
  });

  it("does not rely on an episode that is not found while it may be on its way", async () => {
    const failure = await failureOf(open().remove([removedOf(77, { isSettled: false })], signal));

    expect(failure).toMatchObject({ code: "provider_not_found" });
    expect(cloud.requests).toHaveLength(1);
  });

  it("says that the key is refused, without the key", async () => {
    const failure = await failureOf(open({ apiKey: "z_wrong-horse" }).check(signal));

    expect(failure).toMatchObject({ code: "provider_unauthorized", providerStatus: 401 });
    expect(String(failure)).not.toContain("z_wrong-horse");
  });

  it("says which graph there is not", async () => {
    const failure = await failureOf(open({ graphId: "another" }).check(signal));

    expect(failure).toMatchObject({ message: 'Zep has no graph "another".' });
    await expect(open().check(signal)).resolves.toBeUndefined();
  });

  it("says how long to wait when it is asked too often", async () => {
    cloud.answerNext({
      status: 429,
      headers: { "retry-after": "31" },
      json: { message: "rate limit exceeded" },
    });

    const failure = await failureOf(open().upsert([chunkOf(1)], signal));

    expect(failure).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 31 });
  });

  it("says that it failed", async () => {
    cloud.answerNext({ status: 500, json: { message: "internal server error" } });

    const failure = await failureOf(open().query(questionOf(1)));

    expect(failure).toMatchObject({ code: "provider_unavailable", providerStatus: 500 });
  });

  it.each([
    ["no JSON", { status: 202, body: "accepted" }],
    ["an episode without an id", { status: 202, json: { content: "Tea." } }],
  ])("does not take for kept what is answered with %s", async (_, answer) => {
    cloud.answerNext(answer);

    const failure = await failureOf(open().upsert([chunkOf(1)], signal));

    expect(failure).toMatchObject({ code: "provider_bad_answer" });
  });

  it("does not wait longer than it may", async () => {
    cloud.delayMs = 500;

    const failure = await failureOf(open({ timeoutMs: 50 }).query(questionOf(1)));

    expect(failure).toMatchObject({ code: "outbound_timeout" });
  });
});
