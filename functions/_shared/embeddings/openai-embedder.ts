import type { ModelSettings } from "../model/model-settings.ts";
import { EMBEDDING_DIMENSIONS, type Embedder, type EmbedOptions } from "./embedder.ts";
import { unitVector } from "./unit-vector.ts";
import { withTask } from "./with-task.ts";

/** Where the endpoint is and how to call it. */
export interface EmbeddingEndpoint {
  baseUrl: string;
  apiKey: string | null;
  model: string;
  fetch: typeof fetch;
  /** Longest time for one batch, attempts included. */
  timeoutMs?: number;
}

/** Texts of a request: few enough for every server, many enough to be quick. */
const BATCH = 64;

const TIMEOUT_MS = 60_000;

/** Embeds through an endpoint that speaks OpenAI's `/embeddings`, asked for 384 dimensions. */
export function openaiEmbedder(endpoint: EmbeddingEndpoint): Embedder {
  const { model, timeoutMs = TIMEOUT_MS } = endpoint;
  const settings: ModelSettings = { provider: "openai-compatible", ...endpoint, timeoutMs };
  // A model that has but one size may refuse to be asked for it.
  let takesDimensions = true;

  async function ask(texts: string[], options: EmbedOptions): Promise<number[][]> {
    // Now, as the SDK takes some 40 MB, which whoever embeds nothing need not spend.
    const { askEndpoint } = await import("./ask-endpoint.ts");
    const answer = await askEndpoint(settings, texts, takesDimensions, options);
    if (answer === "refuses dimensions") {
      takesDimensions = false;
      return ask(texts, options);
    }
    return answer.embeddings;
  }

  return {
    model,
    dimensions: EMBEDDING_DIMENSIONS,
    provider: settings.provider,
    async embed(texts, options) {
      const told = texts.map((text) => withTask(model, options.kind, text || " "));
      const embeddings: number[][] = [];
      for (let from = 0; from < told.length; from += BATCH) {
        const batch = await ask(told.slice(from, from + BATCH), options);
        embeddings.push(...batch.map((vector) => unitVector(vector, model)));
      }
      return embeddings;
    },
  };
}
