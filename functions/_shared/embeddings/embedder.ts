/** Numbers of an embedding, as the database keeps them. */
export const EMBEDDING_DIMENSIONS = 384;

/** Turns texts into embeddings. */
export interface Embedder {
  /** The name under which its embeddings are kept; only those of one model compare. */
  model: string;
  dimensions: typeof EMBEDDING_DIMENSIONS;
  /** Who is paid for it, as in the ledger; absent when it runs here. */
  provider?: string;
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
  /** Told of the tokens that the provider counted, once for each of its answers. */
  onUsage?: (tokens: number) => void;
  /** Told of each attempt after the first. */
  onRetry?: () => void;
}
