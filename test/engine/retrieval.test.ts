import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashedEmbedder } from "../support/embeddings/hashed-embedder.ts";
import { readLabelledSet } from "../support/retrieval/labelled-set.ts";
import { type LoadedSet, loadSet } from "../support/retrieval/load-set.ts";
import {
  measureRetrieval,
  type Quality,
  type Way,
} from "../support/retrieval/measure-retrieval.ts";
import { ndcg, recall } from "../support/retrieval/metrics.ts";
import { connect } from "./database.ts";

const { passages, questions } = readLabelledSet();

describe("the labelled set", () => {
  it("has passages and questions enough, each question with passages that answer it", () => {
    const ids = new Set(passages.map(({ id }) => id));

    expect(ids.size).toBe(passages.length);
    expect(passages.length).toBeGreaterThanOrEqual(200);
    expect(questions.length).toBeGreaterThanOrEqual(60);
    for (const { relevant } of questions) {
      expect(Object.keys(relevant).filter((id) => !ids.has(id))).toEqual([]);
      expect(Math.max(...Object.values(relevant))).toBe(2);
    }
  });
});

describe("the measures", () => {
  const relevant = { a: 2, b: 1 };

  it("are 1 when the best stand first, and 0 when nothing is found", () => {
    expect(ndcg(["a", "b", "x"], relevant, 10)).toBe(1);
    expect(recall(["x", "b", "a"], relevant, 10)).toBe(1);
    expect(ndcg(["x"], relevant, 10)).toBe(0);
    expect(recall([], relevant, 10)).toBe(0);
  });

  it("fall with the place, and end at the depth", () => {
    // (1 / log2(2) + 3 / log2(3)) / (3 / log2(2) + 1 / log2(3))
    expect(ndcg(["b", "a"], relevant, 10)).toBeCloseTo(0.7967, 4);
    expect(ndcg(["x", "a"], relevant, 1)).toBe(0);
    expect(recall(["x", "a"], relevant, 2)).toBe(0.5);
  });
});

describe("the search, asked what the labelled set asks", () => {
  let client: pg.Client;
  let set: LoadedSet;
  const found = {} as Record<Way, Quality>;

  beforeAll(async () => {
    client = await connect();
    await client.query("begin");
    set = await loadSet(client, passages, hashedEmbedder);
    for (const way of ["fused", "full-text", "vector"] as const) {
      found[way] = await measureRetrieval(client, set, questions, hashedEmbedder, way);
    }
  }, 60_000);
  afterAll(async () => {
    await client.query("rollback");
    await client.end();
  });

  it("finds by words most of what answers, though the questions use other words", () => {
    expect(found["full-text"].ndcg).toBeGreaterThan(0.6);
    expect(found["full-text"].recall).toBeGreaterThan(0.7);
  });

  // The vectors of tests know words alone, and find less than words do.
  it("loses little by adding vectors that are worse, and gains on those", () => {
    expect(found.fused.ndcg).toBeGreaterThan(found.vector.ndcg + 0.05);
    expect(found.fused.ndcg).toBeGreaterThan(found["full-text"].ndcg - 0.07);
    expect(found.fused.recall).toBeGreaterThan(found["full-text"].recall - 0.07);
  });
});
