import { ModelFailure } from "../model/model-failure.ts";
import { EMBEDDING_DIMENSIONS, type Embedder } from "./embedder.ts";
import { unitVector } from "./unit-vector.ts";

/** The model of the Edge Runtime; 384 dimensions, English, 512 tokens of a text. */
export const GTE_SMALL = "gte-small";

/** The part of the Edge Runtime's `Supabase.ai` that is used. */
export interface EdgeAi {
  Session: new (model: string) => EdgeSession;
}

/** A model of the Edge Runtime, ready to run. */
export interface EdgeSession {
  run: (text: string, options: { mean_pool: boolean; normalize: boolean }) => Promise<unknown>;
}

/** Embeds within the Edge Runtime, without any provider. */
export function edgeEmbedder(ai: EdgeAi): Embedder {
  // Loading takes a moment, which only who embeds has to wait for.
  let session: EdgeSession | undefined;
  return {
    model: GTE_SMALL,
    dimensions: EMBEDDING_DIMENSIONS,
    async embed(texts, { signal }) {
      const embeddings: number[][] = [];
      for (const text of texts) {
        signal?.throwIfAborted();
        session ??= new ai.Session(GTE_SMALL);
        embeddings.push(unitVector(await run(session, text), GTE_SMALL));
      }
      return embeddings;
    },
  };
}

async function run(session: EdgeSession, text: string): Promise<number[]> {
  try {
    const output = await session.run(text, { mean_pool: true, normalize: true });
    return Array.from(output as ArrayLike<number>);
  } catch (error) {
    throw new ModelFailure(
      503,
      "model_unavailable",
      `The Edge Runtime's model ${GTE_SMALL} gave no embedding.`,
      { retryable: true, cause: error },
    );
  }
}
