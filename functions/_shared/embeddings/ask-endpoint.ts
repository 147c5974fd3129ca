import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany } from "ai";
import { callSignal } from "../model/call-signal.ts";
import { ModelFailure } from "../model/model-failure.ts";
import { modelFetch, PATIENCE } from "../model/model-fetch.ts";
import type { ModelSettings } from "../model/model-settings.ts";
import { quietSdk } from "../model/quiet-sdk.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { EMBEDDING_DIMENSIONS, type EmbedOptions } from "./embedder.ts";
import { inGivenOrder } from "./in-given-order.ts";

/** What an endpoint answered: embeddings, or that its model takes no `dimensions`. */
export type EndpointAnswer = { embeddings: number[][] } | "refuses dimensions";

/** Sends one request to an endpoint. Throws a `ModelFailure`, or the signal's reason. */
export async function askEndpoint(
  settings: ModelSettings,
  values: string[],
  asksDimensions: boolean,
  options: EmbedOptions,
): Promise<EndpointAnswer> {
  try {
    return { embeddings: await request(settings, values, asksDimensions, options) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (asksDimensions && refusesDimensions(error)) {
      return "refuses dimensions";
    }
    throw toModelFailure(error, settings);
  }
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
