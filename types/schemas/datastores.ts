import { z } from "zod";
import { bigint, jsonObject, uuid } from "./scalars.ts";

/** What a datastore is: the database itself, or a service that is asked over its API. */
export const datastoreType = z.enum(["pinecone", "getzep", "postgres"]);
/** What a datastore is. */
export type DatastoreType = z.infer<typeof datastoreType>;

/** `sync_datastore`: takes `knowledge.manage`. */
export const syncDatastoreInput = z.object({
  p_datastore_id: uuid,
  /** Sends everything again, as to a store that was emptied. */
  p_is_anew: z.boolean().optional(),
});
/** Arguments of `sync_datastore`. */
export type SyncDatastoreInput = z.infer<typeof syncDatastoreInput>;

/** `agent_datastore_targets` (service role). */
export const agentDatastoreTargetsInput = z.object({ p_agent_id: uuid });
/** Arguments of `agent_datastore_targets`. */
export type AgentDatastoreTargetsInput = z.infer<typeof agentDatastoreTargetsInput>;

/** A store to ask for an agent; its credential is named, not said. */
export const agentDatastoreTarget = z.object({
  datastore_id: uuid,
  organization_id: uuid,
  name: z.string(),
  type: datastoreType,
  config: jsonObject,
  /** The agent's media that it does not have, or not as they are now. */
  pending_media: z.int(),
});
/** A store to ask for an agent. */
export type AgentDatastoreTarget = z.infer<typeof agentDatastoreTarget>;

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** What a job of the kind `sync_datastore` is about. */
export const syncDatastorePayload = z.looseObject({ place_id: uuid });
/** What a job of the kind `sync_datastore` is about. */
export type SyncDatastorePayload = z.infer<typeof syncDatastorePayload>;

/** What `datastore_sync_target` answers: where a job syncs. Null when nothing is left there. */
export const datastoreSyncTarget = z.object({
  place_id: uuid,
  /** Null once the datastore was deleted: what it held is being removed. */
  organization_id: uuid.nullable(),
  type: datastoreType,
  config: jsonObject,
  /** Of a deleted datastore, whose secret may have gone with it. */
  api_key: z.string().nullable(),
});
/** Where a job syncs. */
export type DatastoreSyncTarget = z.infer<typeof datastoreSyncTarget>;

/** `next_datastore_batch` (service role), of the holder of a lease. */
export const nextDatastoreBatchInput = z.object({
  ...lease,
  p_limit: z.int().min(1).max(1000).optional(),
});
/** Arguments of `next_datastore_batch`. */
export type NextDatastoreBatchInput = z.infer<typeof nextDatastoreBatchInput>;

/** What there is to do at a store; empty lists when there is nothing. */
export const datastoreBatch = z.object({
  removals: z.array(
    z.object({
      chunk_id: uuid,
      /** Null where an attempt broke off before the store said it. */
      external_id: z.string().nullable(),
      /** Whether a store that does not find it does not have it. */
      is_settled: z.boolean(),
    }),
  ),
  chunks: z.array(
    z.object({
      chunk_id: uuid,
      media_id: uuid,
      generation: z.int(),
      text: z.string(),
      embedding: z.array(z.number()).nullable(),
      embedding_model: z.string().nullable(),
      metadata: z.record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
      ),
      /** Whether the store may have it already. */
      is_uncertain: z.boolean(),
      /** Whether a store that does not find it does not have it. */
      is_settled: z.boolean(),
    }),
  ),
});
/** What there is to do at a store. */
export type DatastoreBatch = z.infer<typeof datastoreBatch>;

/** `save_datastore_batch` (service role): what became of a batch. */
export const saveDatastoreBatchInput = z.object({
  ...lease,
  p_stored: z.array(z.object({ chunk_id: uuid, external_id: z.string() })).optional(),
  p_removed: z.array(uuid).optional(),
  /** Handed out and never sent, or refused by the store. */
  p_unsent: z.array(uuid).optional(),
});
/** Arguments of `save_datastore_batch`. */
export type SaveDatastoreBatchInput = z.infer<typeof saveDatastoreBatchInput>;

/** `fail_datastore_sync` (service role): answers when it is tried again. */
export const failDatastoreSyncInput = z.object({
  ...lease,
  p_error: z.string(),
  p_retry_after_seconds: z.int().nonnegative().nullable().optional(),
});
/** Arguments of `fail_datastore_sync`. */
export type FailDatastoreSyncInput = z.infer<typeof failDatastoreSyncInput>;
