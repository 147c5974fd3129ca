import type { Embedder } from "../../../functions/_shared/embeddings/embedder.ts";
import { hashedEmbedding } from "./hashed-embedding.ts";

/** An embedder for tests: no model, no network, the same vector for the same text. */
export const hashedEmbedder: Embedder = {
  model: "hashed",
  dimensions: 384,
  embed: async (texts) => texts.map(hashedEmbedding),
};
