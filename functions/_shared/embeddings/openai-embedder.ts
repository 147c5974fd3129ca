import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany } from "ai";
import { callSignal } from "../model/call-signal.ts";
import { ModelFailure } from "../model/model-failure.ts";
import { modelFetch, PATIENCE } from "../model/model-fetch.ts";
import type { ModelSettings } from "../model/model-settings.ts";
import { quietSdk } from "../model/quiet-sdk.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { EMBEDDING_DIMENSIONS, type Embedder, type EmbedOptions } from "./embedder.ts";
import { inGivenOrder } from "./in-given-order.ts";
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
    const asksDimensions = takesDimensions;
    try {
      return await request(settings, texts, asksDimensions, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (asksDimensions && refusesDimensions(error)) {
        takesDimensions = false;
        return ask(texts, options);
      }
      throw toModelFailure(error, settings);
    }
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

async function request(
  settings: ModelSettings,
  values: string[],
  asksDimensions: boolean,
  { signal, onUsage, onRetry }: EmbedOptions,
): Promise<number[][]> {
  quietSdk();
  const provider = createOpenAICompatible({
    name: "endpoint",
    baseURL: settings.baseUrl ?? "",
    ...(settings.apiKey ? { apiKey: settings.apiKey } : {}),
    fetch: modelFetch({ ...PATIENCE, fetch: settings.fetch, onRetry: onRetry ?? (() => {}) }),
  });
  const { embeddings, responses, usage } = await embedMany({
    model: provider.embeddingModel(settings.model),
    values,
    // Retries are the fetch's.
    maxRetries: 0,
    abortSignal: callSignal(settings.timeoutMs, signal),
    ...(asksDimensions
      ? { providerOptions: { endpoint: { dimensions: EMBEDDING_DIMENSIONS } } }
      : {}),
  });
  if (embeddings.length !== values.length) {
    throw new ModelFailure(
      502,
      "model_bad_answer",
      `The model ${settings.model} gave ${embeddings.length} embeddings for ${values.length} texts.`,
      { retryable: true },
    );
  }
  onUsage?.(Number.isFinite(usage.tokens) ? usage.tokens : 0);
  return inGivenOrder(embeddings, responses?.[0]?.body);
}

function refusesDimensions(error: unknown): boolean {
  return (
    APICallError.isInstance(error) &&
    (error.statusCode === 400 || error.statusCode === 422) &&
    /dimension|matryoshka/i.test(`${error.message} ${error.responseBody ?? ""}`)
  );
}
