import { ModelFailure } from "../model/model-failure.ts";
import { EMBEDDING_DIMENSIONS } from "./embedder.ts";

/** Brings an embedding to length one. Throws when it has another size, or is none. */
export function unitVector(vector: readonly number[], model: string): number[] {
  if (vector.length !== EMBEDDING_DIMENSIONS) {
    throw new ModelFailure(
      502,
      "embedding_wrong_size",
      `The model ${model} gives embeddings of ${vector.length} numbers; they must have ${EMBEDDING_DIMENSIONS}.`,
      { hint: "Choose a model that has 384 dimensions or can be asked for them." },
    );
  }
  // The largest first, so that no square is too large or too small for a number.
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(largest > 0 && Number.isFinite(largest)) || vector.some(Number.isNaN)) {
    throw new ModelFailure(
      502,
      "model_bad_answer",
      `The model ${model} gave an embedding that has no direction.`,
      { retryable: true },
    );
  }
  const scaled = vector.map((value) => value / largest);
  const length = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
  return scaled.map((value) => value / length);
}
