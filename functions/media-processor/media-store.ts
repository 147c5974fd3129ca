import { z } from "zod";
import {
  type ClaimedJob,
  type JsonObject,
  type ProcessingLogStatus,
  type ProcessingStep,
  type SavedChunk,
  type StartedMedium,
  startedMedium,
  type WaitingChunk,
  waitingChunk,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { leaseOf } from "../_shared/jobs/job-queue.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** The database's side of one medium: every call presents the token of the job's lease. */
export interface MediaStore {
  /** Null when there is nothing to do; the job is ended then. */
  start(): Promise<StartedMedium | null>;
  log(
    step: ProcessingStep,
    status: ProcessingLogStatus,
    details?: JsonObject,
    durationMs?: number,
  ): Promise<void>;
  /** Saves chunks in place of all from `fromIndex` on, together with where the worker is. */
  saveChunks(
    fromIndex: number,
    chunks: readonly SavedChunk[],
    checkpoint: Checkpoint,
    percent: number,
  ): Promise<void>;
  /** Ends the job: what was built is read from now on. */
  publish(facts: {
    pageCount: number | null;
    language: string | null;
    checksum: string | null;
  }): Promise<void>;
  /** Ends the job with a sentence for the uploader. */
  fail(step: ProcessingStep, error: string, code: string): Promise<void>;
  /** Says which model makes vectors; null when none does. */
  registerModel(name: string | null): Promise<void>;
  /** The next chunks without a vector. */
  readChunks(limit: number): Promise<WaitingChunk[]>;
  /** Answers how many chunks have a vector. */
  saveEmbeddings(
    model: string,
    embeddings: readonly { chunk_id: string; embedding: readonly number[] }[],
    percent: number,
  ): Promise<number>;
  /** Ends the job of a medium that was embedded anew; false when some vectors are missing. */
  publishEmbeddings(): Promise<boolean>;
}

/** A medium over RPCs of the service role. */
export function mediaStore(rpc: Rpc, job: ClaimedJob): MediaStore {
  const lease = leaseOf(job);

  return {
    async start() {
      return startedMedium.nullable().parse((await rpc("start_media_processing", lease)) ?? null);
    },
    async log(step, status, details = {}, durationMs) {
      await rpc("log_media_step", {
        ...lease,
        p_step: step,
        p_status: status,
        p_details: details,
        p_duration_ms: durationMs === undefined ? null : Math.round(durationMs),
      });
    },
    async saveChunks(fromIndex, chunks, checkpoint, percent) {
      await rpc("save_media_chunks", {
        ...lease,
        p_from_index: fromIndex,
        p_chunks: chunks,
        p_checkpoint: checkpoint,
        p_percent: percent,
      });
    },
    async publish({ pageCount, language, checksum }) {
      await rpc("publish_media_generation", {
        ...lease,
        p_page_count: pageCount,
        p_language: language,
        p_checksum: checksum,
      });
    },
    async fail(step, error, code) {
      await rpc("fail_media_processing", {
        ...lease,
        p_step: step,
        p_error: error,
        p_code: code,
      });
    },
    async registerModel(name) {
      await rpc("register_embedding_model", { p_name: name });
    },
    async readChunks(limit) {
      return z
        .array(waitingChunk)
        .parse(await rpc("read_media_chunks", { ...lease, p_limit: limit }));
    },
    async saveEmbeddings(model, embeddings, percent) {
      const saved = { p_model: model, p_embeddings: embeddings, p_percent: percent };
      return z.number().parse(await rpc("save_media_embeddings", { ...lease, ...saved }));
    },
    async publishEmbeddings() {
      return z.boolean().parse(await rpc("publish_media_embeddings", lease));
    },
  };
}
