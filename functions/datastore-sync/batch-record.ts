import { type ClaimedJob, type DatastoreBatch, datastoreBatch } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import type { StoredChunk } from "../_shared/datastores/datastore.ts";
import { leaseOf } from "../_shared/jobs/job-queue.ts";

/** What the database knows of a store: what is to be done there, and what was. */
export interface BatchRecord {
  /** Empty lists when there is nothing left to do. */
  next(): Promise<DatastoreBatch>;
  stored(chunks: readonly StoredChunk[]): Promise<void>;
  removed(chunkIds: readonly string[]): Promise<void>;
  /** Handed out and never sent, or refused. */
  unsent(chunkIds: readonly string[]): Promise<void>;
}

/** The record over RPCs that present the job's lease each time. */
export function batchRecord(job: ClaimedJob, rpc: Rpc): BatchRecord {
  const lease = leaseOf(job);
  return {
    next: async () => datastoreBatch.parse(await rpc("next_datastore_batch", lease)),
    async stored(chunks) {
      const p_stored = chunks.map(({ chunkId, externalId }) => ({
        chunk_id: chunkId,
        external_id: externalId,
      }));
      await rpc("save_datastore_batch", { ...lease, p_stored });
    },
    async removed(chunkIds) {
      await rpc("save_datastore_batch", { ...lease, p_removed: chunkIds });
    },
    async unsent(chunkIds) {
      await rpc("save_datastore_batch", { ...lease, p_unsent: chunkIds });
    },
  };
}
