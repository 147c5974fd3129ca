import type { ClaimedJob, StartedMedium } from "../../types/schemas.ts";
import { passageText } from "../_shared/chunks/passage-text.ts";
import type { Embedder } from "../_shared/embeddings/embedder.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { ModelFailure } from "../_shared/model/model-failure.ts";
import { isRefusal } from "./is-refusal.ts";
import type { MediaStore } from "./media-store.ts";
import { READ_PERCENT } from "./read-medium.ts";

/** What embedding takes; tests give their own. */
export interface EmbedTools {
  store: MediaStore;
  /** Null when none is configured. Throws a `ModelFailure` when one is configured halfway. */
  findEmbedder: (organizationId: string) => Embedder | null;
  signal: AbortSignal;
  isSpent: () => boolean;
  now: () => number;
}

/** How it went: `none` when nobody makes vectors or not now, null when the time was over first. */
export type Embedded = "all" | "none" | null;

/** Chunks that are embedded and saved at once. */
const BATCH_CHUNKS = 64;

/**
 * Gives the chunks of a medium their vectors, batch by batch. A provider that fails is tried again
 * as long as the job has attempts; then the medium goes without for now.
 */
export async function embedMedium(
  medium: StartedMedium,
  job: ClaimedJob,
  tools: EmbedTools,
): Promise<Embedded> {
  const { store, signal } = tools;
  try {
    const embedder = tools.findEmbedder(medium.organization_id);
    const model = embedder?.model ?? null;
    if (model !== medium.embedding_model) {
      await store.registerModel(model);
    }
    if (!embedder) {
      await store.log("embed", "skipped", { reason: "No embedding provider is configured." });
      return "none";
    }
    return await embedBatches(medium, embedder, tools);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HttpError && error.code === "embedding_model_changed") {
      return "none";
    }
    const isOver = error instanceof ModelFailure && !hasAttempts(job);
    if (!isOver && !isRefusal(error)) {
      throw error;
    }
    await store.log("embed", "failed", { error: describeError(error), code: error.code });
    return "none";
  }
}

function hasAttempts({ attempts, max_attempts }: ClaimedJob): boolean {
  return attempts < max_attempts;
}

async function embedBatches(
  { chunk_count }: StartedMedium,
  embedder: Embedder,
  { store, signal, isSpent, now }: EmbedTools,
): Promise<"all" | null> {
  const from = now();
  let done = 0;
  await store.log("embed", "started", { model: embedder.model });

  for (;;) {
    const chunks = await store.readChunks(BATCH_CHUNKS);
    if (chunks.length === 0) {
      break;
    }
    if (done > 0 && isSpent()) {
      return null;
    }
    const vectors = await embedder.embed(chunks.map(passageText), { kind: "passage", signal });
    const embeddings = chunks.map(({ chunk_id }, place) => ({
      chunk_id,
      embedding: vectors[place] ?? [],
    }));
    done += chunks.length;
    const rest = Math.min(done / Math.max(chunk_count, done), 1);
    await store.saveEmbeddings(
      embedder.model,
      embeddings,
      READ_PERCENT + Math.floor(rest * (99 - READ_PERCENT)),
    );
  }
  const chunks = Math.max(chunk_count, done);
  await store.log("embed", "completed", { model: embedder.model, chunks }, now() - from);
  return "all";
}
