import type { Embedder } from "./embedder.ts";

/** What an embedder works with; everything has a default but the environment. */
export interface EmbedderDeps {
  fetch?: typeof fetch;
  /** The Edge Runtime's models; its global `Supabase.ai` when not given. */
  ai?: EdgeAi | undefined;
}

/** The part of the Edge Runtime's `Supabase.ai` that is used. */
export interface EdgeAi {
  Session: new (
    model: string,
  ) => {
    run: (text: string, options: { mean_pool: boolean; normalize: boolean }) => Promise<unknown>;
  };
}

/**
 * The embedder that the environment configures, or null when it configures none: EMBEDDING_PROVIDER
 * (`openai-compatible` or `supabase`), EMBEDDING_BASE_URL, EMBEDDING_API_KEY, EMBEDDING_MODEL.
 * Throws 503 `embeddings_not_configured` when it does so halfway.
 */
export function embedder(
  _env: Record<string, string | undefined>,
  _deps: EmbedderDeps = {},
): Embedder | null {
  return null;
}
