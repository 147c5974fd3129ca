import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { Checkpoint } from "../../functions/media-processor/checkpoint.ts";
import type { MediaStore } from "../../functions/media-processor/media-store.ts";
import type { ClaimedJob, JsonObject, SavedChunk, StartedMedium } from "../../types/schemas.ts";
import { organizationId } from "./samples.ts";

const mediaId = "00000000-0000-4000-8000-000000000077";

/** A job of the queue of media. */
export function mediaJob(more: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    id: 1,
    kind: "index_medium",
    organization_id: organizationId,
    payload: { media_id: mediaId, generation: 1 },
    attempts: 1,
    max_attempts: 5,
    lease_token: 100,
    leased_until: "2030-01-01T00:00:00Z",
    ...more,
  };
}

/** The database with one medium, as a worker sees it: what it saves is there for the next one. */
export class MemoryMedia implements MediaStore {
  status: "waiting" | "completed" | "failed" = "waiting";
  chunks: SavedChunk[] = [];
  vectors = new Map<string, readonly number[]>();
  checkpoint: JsonObject = {};
  percents: number[] = [];
  logs: string[] = [];
  model: string | null = null;
  failure: { step: string; error: string; code: string } | undefined;
  facts: Parameters<MediaStore["publish"]>[0] | undefined;
  /** How many more saves succeed; the one after is what a killed worker never got to. */
  savesLeft = Number.POSITIVE_INFINITY;
  isSuperseded = false;

  constructor(readonly kind: StartedMedium["kind"] = "index_medium") {}

  async start(): Promise<StartedMedium | null> {
    return this.status !== "waiting"
      ? null
      : {
          kind: this.kind,
          media_id: mediaId,
          organization_id: organizationId,
          generation: 1,
          bucket: "media-library",
          storage_path: `${organizationId}/${mediaId}/book.pdf`,
          file_name: "book.pdf",
          file_type: "application/pdf",
          checkpoint: structuredClone(this.checkpoint),
          chunk_count: this.chunks.length,
          embedding_model: this.model,
        };
  }
  async log(step: string, status: string) {
    this.logs.push(`${step} ${status}`);
  }
  async saveChunks(
    fromIndex: number,
    chunks: readonly SavedChunk[],
    checkpoint: Checkpoint,
    percent: number,
  ) {
    this.#save();
    if (fromIndex > this.chunks.length) {
      throw new Error("There is a gap");
    }
    this.chunks.splice(fromIndex, Number.POSITIVE_INFINITY, ...structuredClone(chunks));
    this.checkpoint = structuredClone(checkpoint) as unknown as JsonObject;
    this.percents.push(percent);
  }
  async publish(facts: Parameters<MediaStore["publish"]>[0]) {
    this.facts = facts;
    this.status = "completed";
  }
  async fail(step: string, error: string, code: string) {
    this.failure = { step, error, code };
    this.status = "failed";
  }
  async registerModel(name: string | null) {
    this.model = name;
  }
  async readChunks(limit: number) {
    return this.chunks
      .map(({ heading_path, content }, index) => ({
        chunk_id: String(index),
        heading_path,
        content,
      }))
      .filter(({ chunk_id }) => !this.vectors.has(chunk_id))
      .slice(0, limit);
  }
  async saveEmbeddings(
    model: string,
    embeddings: readonly { chunk_id: string; embedding: readonly number[] }[],
    percent: number,
  ) {
    this.#save();
    if (model !== this.model) {
      throw new HttpError(409, "embedding_model_changed", "Another model");
    }
    for (const { chunk_id, embedding } of embeddings) {
      this.vectors.set(chunk_id, embedding);
    }
    this.percents.push(percent);
    return this.vectors.size;
  }
  async publishEmbeddings() {
    this.status = "completed";
    return this.vectors.size === this.chunks.length;
  }

  #save() {
    if (this.isSuperseded) {
      throw new HttpError(409, "media_processing_over", "Read anew by another");
    }
    if (this.savesLeft === 0) {
      throw new Error("Killed");
    }
    this.savesLeft -= 1;
  }
}
