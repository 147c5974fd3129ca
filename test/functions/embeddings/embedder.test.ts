import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Embedder } from "../../../functions/_shared/embeddings/embedder.ts";
import { embedder } from "../../../functions/_shared/embeddings/find-embedder.ts";
import { openaiEmbedder } from "../../../functions/_shared/embeddings/openai-embedder.ts";
import type { ModelFailure } from "../../../functions/_shared/model/model-failure.ts";
import { type EmbeddingsServer, startEmbeddingsServer } from "../../support/embeddings/index.ts";

let server: EmbeddingsServer;
beforeAll(async () => {
  server = await startEmbeddingsServer({ apiKey: "test-key-1234", mostTexts: 64 });
});
afterAll(() => server.close());

const asked = () => server.requests.at(-1);
const query = { kind: "query" } as const;
const passage = { kind: "passage" } as const;

function endpoint(more: Record<string, string | undefined> = {}): Embedder {
  const found = embedder(
    {
      EMBEDDING_BASE_URL: server.url,
      EMBEDDING_API_KEY: "test-key-1234",
      EMBEDDING_MODEL: "hashed",
      ...more,
    },
    { ai: null },
  );
  return found ?? expect.fail("There should be an embedder");
}

async function failureOf(promise: Promise<unknown>): Promise<ModelFailure> {
  return promise.then(
    () => expect.fail("The call should have failed"),
    (error) => error,
  );
}

const length = (vector: number[] = []) => Math.hypot(...vector);
const likeness = (a: number[] = [], b: number[] = []) =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe("an endpoint's embeddings", () => {
  it("have 384 dimensions and length one, and are asked for so", async () => {
    const [vector] = await endpoint().embed(["Who may declare war?"], query);

    expect(vector).toHaveLength(384);
    expect(length(vector)).toBeCloseTo(1, 10);
    expect(asked()).toMatchObject({ model: "hashed", dimensions: 384 });
  });

  it("come in the order of the texts, however the answer has them", async () => {
    const texts = ["[[backwards]] rain", "snow and ice", "sunshine"];

    const together = await endpoint().embed(texts, passage);

    const alone = await Promise.all(
      ["rain", "snow and ice", "sunshine"].map((text) => endpoint().embed([text], passage)),
    );
    for (const [at, [expected]] of alone.entries()) {
      expect(likeness(together[at], expected)).toBeCloseTo(1, 10);
    }
  });

  it("are asked for in batches", async () => {
    const before = server.requests.length;
    const tokens: number[] = [];

    const vectors = await endpoint().embed(
      Array.from({ length: 130 }, (_, at) => `text ${at}`),
      { ...passage, onUsage: (count) => tokens.push(count) },
    );

    expect(vectors).toHaveLength(130);
    expect(server.requests.slice(before).map(({ texts }) => texts.length)).toEqual([64, 64, 2]);
    expect(tokens).toHaveLength(3);
  });

  it("are not asked for when there is no text", async () => {
    const before = server.requests.length;

    expect(await endpoint().embed([], passage)).toEqual([]);
    expect(server.requests).toHaveLength(before);
  });

  it("can be had of an empty text, which endpoints refuse", async () => {
    expect(await endpoint().embed([""], passage)).toHaveLength(1);
  });

  it("of a model that has but one size are asked for without it", async () => {
    const plain = await startEmbeddingsServer({ refusesDimensions: true });
    const found = endpoint({ EMBEDDING_BASE_URL: plain.url });

    await found.embed(["one"], passage);
    await found.embed(["two"], passage);

    expect(plain.requests.map(({ dimensions }) => dimensions)).toEqual([384, null, null]);
    await plain.close();
  });

  it("are told what they are for, where the model wants that", async () => {
    const found = endpoint({ EMBEDDING_MODEL: "intfloat/multilingual-e5-small" });

    await found.embed(["rain"], query);
    expect(asked()?.texts).toEqual(["query: rain"]);

    await found.embed(["rain"], passage);
    expect(asked()?.texts).toEqual(["passage: rain"]);
  });

  it("are waited for when the endpoint asks to", async () => {
    const begun = Date.now();
    let retries = 0;

    const vectors = await endpoint().embed(["[[status 429 retry-after=1 times=1]] rain"], {
      ...query,
      onRetry: () => retries++,
    });

    expect(vectors).toHaveLength(1);
    expect(retries).toBe(1);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
  });

  it("are left to the queue when the endpoint asks for long", async () => {
    const failure = await failureOf(
      endpoint().embed(["[[status 429 retry-after=300]] rain"], passage),
    );

    expect(failure).toMatchObject({
      code: "model_rate_limited",
      retryable: true,
      retryAfterSeconds: 300,
    });
  });

  it.each([
    ["[[wrong-size]]", "embedding_wrong_size", false],
    ["[[nothing]]", "model_bad_answer", true],
    ["[[null]]", "model_bad_answer", true],
    ["[[fewer]]", "model_bad_answer", true],
    ["[[malformed]]", "model_bad_answer", true],
    ["[[redirect]]", "model_redirected", false],
    ["[[status 404]]", "model_not_found", false],
    ["[[status 400]]", "model_refused", false],
    ["[[status 503 retry-after=0]]", "model_unavailable", true],
  ])("that go wrong say how: %s", async (told, code, retryable) => {
    const failure = await failureOf(endpoint().embed([`${told} rain`, "snow"], passage));

    expect(failure).toMatchObject({ name: "ModelFailure", code, retryable });
  });

  it("do not show the key that is refused", async () => {
    const found = endpoint({ EMBEDDING_API_KEY: "wrong-key-5678" });

    const failure = await failureOf(found.embed(["rain"], query));

    expect(failure.code).toBe("model_unauthorized");
    expect(failure.message).not.toContain("wrong-key-5678");
  });

  it("end when the caller aborts, with the caller's reason", async () => {
    const caller = new AbortController();
    const reason = new Error("Gone");
    setTimeout(() => caller.abort(reason), 100);

    const error = await failureOf(
      endpoint().embed(["[[stall]] rain"], { ...query, signal: caller.signal }),
    );

    expect(error).toBe(reason);
    await expect.poll(() => asked()?.aborted).toBe(true);
  });

  it("end when they take too long", async () => {
    const found = openaiEmbedder({
      baseUrl: server.url,
      apiKey: "test-key-1234",
      model: "hashed",
      fetch,
      timeoutMs: 200,
    });

    const failure = await failureOf(found.embed(["[[stall]] snow"], query));

    expect(failure).toMatchObject({ code: "model_timeout", retryable: true });
  });
});

describe("the Edge Runtime's embeddings", () => {
  const made: string[] = [];
  const ai = {
    Session: class {
      constructor(model: string) {
        made.push(model);
      }
      async run(text: string, options: unknown): Promise<unknown> {
        expect(options).toEqual({ mean_pool: true, normalize: true });
        if (text === "broken") {
          throw new Error("out of memory");
        }
        return new Float32Array(384).fill(text.length);
      }
    },
  };

  it("come from gte-small, loaded once and when it is needed", async () => {
    const found = embedder({ EMBEDDING_PROVIDER: "supabase" }, { ai });
    expect(made).toEqual([]);

    const vectors = await found?.embed(["rain", "snow!"], passage);
    await found?.embed(["hail"], query);

    expect(found).toMatchObject({ model: "gte-small", dimensions: 384 });
    expect(vectors?.map(length)).toEqual([expect.closeTo(1, 10), expect.closeTo(1, 10)]);
    expect(made).toEqual(["gte-small"]);
  });

  it("that fail may be asked for again", async () => {
    const found = embedder({ EMBEDDING_PROVIDER: "supabase" }, { ai });

    const failure = await failureOf(found?.embed(["broken"], passage) ?? Promise.resolve());

    expect(failure).toMatchObject({ code: "model_unavailable", retryable: true });
  });

  it("are used when nothing else is configured and the runtime has them", () => {
    expect(embedder({}, { ai })?.model).toBe("gte-small");
    expect(embedder({ EMBEDDING_PROVIDER: "none" }, { ai })).toBeNull();
    expect(embedder({ EMBEDDING_BASE_URL: "http://e", EMBEDDING_MODEL: "m" }, { ai })?.model).toBe(
      "m",
    );
  });
});

describe("which embedder there is", () => {
  it("none, when nothing is configured", () => {
    expect(embedder({}, { ai: null })).toBeNull();
    expect(embedder({})).toBeNull();
  });

  it.each([
    [{ EMBEDDING_PROVIDER: "openai-compatible" }, "EMBEDDING_BASE_URL is not set"],
    [{ EMBEDDING_BASE_URL: "http://localhost" }, "EMBEDDING_MODEL is not set"],
    [{ EMBEDDING_BASE_URL: "localhost:80", EMBEDDING_MODEL: "m" }, "is no address"],
    [{ EMBEDDING_PROVIDER: "supabase" }, "this runtime has no Supabase.ai"],
    [{ EMBEDDING_PROVIDER: "cohere" }, "must be openai-compatible, supabase or none"],
  ])("none and a reason, when it is configured halfway: %j", (env, reason) => {
    expect(() => embedder(env, { ai: null })).toThrow(
      expect.objectContaining({
        status: 503,
        code: "embeddings_not_configured",
        message: expect.stringContaining(reason),
      }),
    );
  });
});
