import { z } from "zod";
import { bigint, jsonObject, uuid } from "./scalars.ts";

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `reprocess_media`: answers the medium; what agents read stays until it is done. */
export const reprocessMediaInput = z.object({ p_media_id: uuid });
export type ReprocessMediaInput = z.infer<typeof reprocessMediaInput>;

/** The steps of processing, in their order; what `media_processing_logs` tells of. */
export const processingStep = z.enum([
  "download",
  "identify",
  "extract",
  "chunk",
  "embed",
  "publish",
]);
export type ProcessingStep = z.infer<typeof processingStep>;

export const processingLogStatus = z.enum(["started", "completed", "failed", "skipped"]);
export type ProcessingLogStatus = z.infer<typeof processingLogStatus>;

/** What `start_media_processing` answers: a medium to read, or one to embed anew. */
export const startedMedium = z.object({
  kind: z.enum(["index_medium", "embed_medium"]),
  media_id: uuid,
  organization_id: uuid,
  generation: z.int().positive(),
  bucket: z.string(),
  storage_path: z.string(),
  file_name: z.string(),
  file_type: z.string(),
  /** What the worker saved last; empty at the beginning. */
  checkpoint: jsonObject,
  chunk_count: z.int().nonnegative(),
  /** The model that vectors are to be made with, as far as the database knows. */
  embedding_model: z.string().nullable(),
});
export type StartedMedium = z.infer<typeof startedMedium>;

/** A chunk as it is saved. */
export const savedChunk = z.object({
  content: z.string().min(1),
  heading_path: z.array(z.string()),
  page: z.int().positive().nullable(),
  page_end: z.int().positive().nullable(),
  /** Characters in the text of the medium, from 0. */
  char_start: z.int().nonnegative(),
  char_end: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
  /** The name of a text search configuration. */
  language: z.string(),
  metadata: jsonObject,
});
export type SavedChunk = z.infer<typeof savedChunk>;

/** `save_media_chunks` (service role): they take the place of all from `p_from_index` on. */
export const saveMediaChunksInput = z.object({
  ...lease,
  p_from_index: z.int().nonnegative(),
  p_chunks: z.array(savedChunk),
  p_checkpoint: jsonObject,
  p_percent: z.int().min(0).max(100),
});
export type SaveMediaChunksInput = z.infer<typeof saveMediaChunksInput>;

/** `log_media_step` (service role): said again, it takes the place of the former. */
export const logMediaStepInput = z.object({
  ...lease,
  p_step: processingStep,
  p_status: processingLogStatus,
  p_details: jsonObject.optional(),
  p_duration_ms: z.int().nonnegative().nullish(),
});
export type LogMediaStepInput = z.infer<typeof logMediaStepInput>;

/** `publish_media_generation` (service role): ends the job. */
export const publishMediaGenerationInput = z.object({
  ...lease,
  p_page_count: z.int().nonnegative().nullish(),
  /** ISO 639-1. */
  p_language: z.string().nullish(),
  /** SHA-256 in hex. */
  p_checksum: z.string().nullish(),
});
export type PublishMediaGenerationInput = z.infer<typeof publishMediaGenerationInput>;

/** `fail_media_processing` (service role): a sentence for the uploader; ends the job. */
export const failMediaProcessingInput = z.object({
  ...lease,
  p_step: processingStep,
  p_error: z.string().min(1),
  p_code: z.string().nullish(),
});
export type FailMediaProcessingInput = z.infer<typeof failMediaProcessingInput>;

/** `register_embedding_model` (service role): null when none is configured. */
export const registerEmbeddingModelInput = z.object({
  p_name: z.string().min(1).max(200).nullable(),
  p_dimensions: z.literal(384).optional(),
});
export type RegisterEmbeddingModelInput = z.infer<typeof registerEmbeddingModelInput>;

/** `read_media_chunks` (service role): those without a vector of the current model. */
export const readMediaChunksInput = z.object({
  ...lease,
  p_limit: z.int().min(1).max(500).optional(),
});
export type ReadMediaChunksInput = z.infer<typeof readMediaChunksInput>;

/** A chunk that waits for its vector. */
export const waitingChunk = z.object({
  chunk_id: uuid,
  heading_path: z.array(z.string()),
  content: z.string(),
});
export type WaitingChunk = z.infer<typeof waitingChunk>;

/** `save_media_embeddings` (service role): answers how many chunks have a vector. */
export const saveMediaEmbeddingsInput = z.object({
  ...lease,
  p_model: z.string(),
  p_embeddings: z.array(z.object({ chunk_id: uuid, embedding: z.array(z.number()).length(384) })),
  p_percent: z.int().min(0).max(100),
});
export type SaveMediaEmbeddingsInput = z.infer<typeof saveMediaEmbeddingsInput>;
