import { ModelFailure } from "../model/model-failure.ts";
import { type EdgeAi, edgeEmbedder, GTE_SMALL } from "./edge-embedder.ts";
import type { Embedder } from "./embedder.ts";
import { openaiEmbedder } from "./openai-embedder.ts";

/** What an embedder works with, where it is not the usual. */
export interface EmbedderDeps {
  fetch?: typeof fetch;
  /** The Edge Runtime's models; its global `Supabase.ai` when not given, null for none. */
  ai?: EdgeAi | null;
}

/**
 * The embedder that the environment configures, or null when it configures none.
 *
 * EMBEDDING_PROVIDER is `openai-compatible` (with EMBEDDING_BASE_URL, EMBEDDING_MODEL and, where
 * the endpoint wants one, EMBEDDING_API_KEY), `supabase` (the Edge Runtime's gte-small) or `none`.
 * Without it, an address means the first, and a runtime that has the model the second.
 *
 * Throws 503 `embeddings_not_configured` when something is missing.
 */
export function embedder(
  env: Record<string, string | undefined>,
  deps: EmbedderDeps = {},
): Embedder | null {
  const ai = deps.ai === undefined ? runtimeAi() : deps.ai;
  const provider =
    env.EMBEDDING_PROVIDER || (env.EMBEDDING_BASE_URL && "openai-compatible") || (ai && "supabase");
  switch (provider) {
    case "openai-compatible":
      return openaiEmbedder({
        baseUrl: addressOf(env),
        apiKey: env.EMBEDDING_API_KEY || null,
        model: env.EMBEDDING_MODEL || missing("EMBEDDING_MODEL is not set"),
        fetch: deps.fetch ?? ((input, init) => fetch(input, init)),
      });
    case "supabase":
      if (env.EMBEDDING_MODEL && env.EMBEDDING_MODEL !== GTE_SMALL) {
        missing(
          `EMBEDDING_MODEL must be ${GTE_SMALL}, or not set, where EMBEDDING_PROVIDER is supabase`,
        );
      }
      return edgeEmbedder(ai ?? missing("this runtime has no Supabase.ai"));
    case "none":
    case null:
    case undefined:
    case "":
      return null;
    default:
      return missing("EMBEDDING_PROVIDER must be openai-compatible, supabase or none");
  }
}

function addressOf({ EMBEDDING_BASE_URL }: Record<string, string | undefined>): string {
  if (!EMBEDDING_BASE_URL) {
    return missing("EMBEDDING_BASE_URL is not set");
  }
  return URL.canParse(EMBEDDING_BASE_URL) && /^https?:/.test(EMBEDDING_BASE_URL)
    ? EMBEDDING_BASE_URL
    : missing("EMBEDDING_BASE_URL is no address that begins with http:// or https://");
}

function runtimeAi(): EdgeAi | null {
  return (globalThis as { Supabase?: { ai?: EdgeAi } }).Supabase?.ai ?? null;
}

function missing(reason: string): never {
  throw new ModelFailure(
    503,
    "embeddings_not_configured",
    `Embeddings are configured halfway: ${reason}.`,
    { hint: "Set EMBEDDING_PROVIDER, EMBEDDING_BASE_URL, EMBEDDING_API_KEY and EMBEDDING_MODEL." },
  );
}
