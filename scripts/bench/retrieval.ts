import { embedder as configuredEmbedder } from "../../functions/_shared/embeddings/find-embedder.ts";
import { hashedEmbedder } from "../../test/support/embeddings/hashed-embedder.ts";
import { readLabelledSet } from "../../test/support/retrieval/labelled-set.ts";
import { loadSet } from "../../test/support/retrieval/load-set.ts";
import {
  DEPTH,
  measureRetrieval,
  type Quality,
  type Way,
} from "../../test/support/retrieval/measure-retrieval.ts";
import type { Entry } from "./entry.ts";
import { openScratch } from "./scratch.ts";

// What the environment configures (EMBEDDING_…), else vectors made of the words alone.
const embedder = configuredEmbedder(process.env, { ai: null }) ?? hashedEmbedder;
const { passages, questions } = readLabelledSet();

function entry(metric: keyof Quality, label: string): Entry {
  return {
    name: `retrieval-${metric}`,
    title: `${label}: ${questions.length} questions to ${passages.length} passages, embedded by ${embedder.model}`,
    unit: label,
    needsServer: true,
    async open(serverUrl) {
      const scratch = await openScratch(serverUrl);
      const set = await loadSet(scratch.admin, passages, embedder);
      await scratch.admin.query("analyze");
      const contender = (way: Way) => ({
        name: way,
        measure: async () =>
          (await measureRetrieval(scratch.admin, set, questions, embedder, way))[metric],
      });
      return {
        close: scratch.close,
        contenders: [contender("fused"), contender("full-text"), contender("vector")],
      };
    },
  };
}

/** How well the passages that answer a question are found, by words, by vectors, and by both. */
export const retrieval: Entry[] = [
  entry("ndcg", `nDCG@${DEPTH}`),
  entry("recall", `recall@${DEPTH}`),
];
