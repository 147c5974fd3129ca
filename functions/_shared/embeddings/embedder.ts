/** Numbers of an embedding, as the database keeps them. */
export const EMBEDDING_DIMENSIONS = 384;

/** Turns texts into embeddings. */
export interface Embedder {
  /** The name under which its embeddings are kept; only those of one model compare. */
  model: string;
  dimensions: typeof EMBEDDING_DIMENSIONS;
  /**
   * Embeds texts, in their order, each of length one. Throws a `ModelFailure` (`retryable` when
   * the same may succeed later), or the signal's reason.
   */
  embed: (texts: readonly string[], options: EmbedOptions) => Promise<number[][]>;
}

/** What is embedded. */
export interface EmbedOptions {
  /** Some models tell questions from what is searched. */
  kind: "query" | "passage";
  signal?: AbortSignal | undefined;
}
