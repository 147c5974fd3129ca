import {
  type ClaimedJob,
  type DatastoreSyncTarget,
  datastoreSyncTarget,
  syncDatastorePayload,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { openDatastore } from "../_shared/datastores/open-datastore.ts";
import type { StoreNetwork } from "../_shared/datastores/store-api.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { OutboundFailure } from "../_shared/guard/outbound-failure.ts";
import { ProviderError } from "../_shared/integrations/provider-error.ts";
import type { JobContext } from "../_shared/jobs/drain-queue.ts";
import { type JobQueue, leaseOf } from "../_shared/jobs/job-queue.ts";
import type { Log } from "../_shared/log.ts";
import { resolveReferences } from "../_shared/secrets/resolve-references.ts";
import { batchRecord } from "./batch-record.ts";
import { syncChunks } from "./sync-chunks.ts";

/** What syncing a datastore takes; tests give their own. */
export interface DatastoreSyncTools extends StoreNetwork {
  /** RPCs of the service role. */
  rpc: Rpc;
  queue: Pick<JobQueue, "complete" | "fail" | "release">;
  log: Log;
}

/**
 * Brings one store to what it should have, batch by batch, until there is nothing left to do or the
 * budget is spent. However that went, the job is done: what the store refused waits with the store,
 * and the engine asks again. Only what is our own fault is tried again as a job.
 */
export async function syncDatastore(
  job: ClaimedJob,
  { budget, lost }: JobContext,
  { rpc, queue, log, ...way }: DatastoreSyncTools,
): Promise<"synced" | "released" | "gone" | "refused" | "failed"> {
  if (job.kind !== "sync_datastore" || !syncDatastorePayload.safeParse(job.payload).success) {
    const error = `The queue datastores cannot do this job of the kind ${job.kind}`;
    await queue.fail(job, { error, permanent: true });
    return "failed";
  }
  const target = datastoreSyncTarget
    .nullable()
    .parse(await rpc("datastore_sync_target", leaseOf(job)));
  if (!target) {
    await queue.complete(job);
    return "gone";
  }
  try {
    const store = openDatastore({ type: target.type, config: await configOf(target, rpc) }, way);
    await store.check(lost);
    const isDone = await syncChunks(store, batchRecord(job, rpc), { budget, lost });
    if (!isDone) {
      await queue.release(job);
      return "released";
    }
  } catch (error) {
    lost.throwIfAborted();
    if (!isOfStore(error)) {
      throw error;
    }
    log("warn", "a datastore was not synced", { datastore: target.place_id, code: error.code });
    await rpc("fail_datastore_sync", {
      ...leaseOf(job),
      p_error: error.message,
      p_retry_after_seconds: error.retryAfterSeconds ?? null,
    });
    return "refused";
  }
  await rpc("complete_datastore_sync", leaseOf(job));
  return "synced";
}

/** Refusals of a store's row: what it names is not there, or leads where nothing is sent. */
const OF_ITS_ROW = ["datastore_misconfigured", "secret_not_found", "url_not_allowed"];

/** Whether a failure is the store's to mend, or its owner's, and not ours. */
function isOfStore(error: unknown): error is HttpError {
  return (
    error instanceof ProviderError ||
    error instanceof OutboundFailure ||
    (error instanceof HttpError && OF_ITS_ROW.includes(error.code))
  );
}

/** The configuration with its key: the organization's secret, or what a deleted one left behind. */
async function configOf(
  { config, organization_id, api_key }: DatastoreSyncTarget,
  rpc: Rpc,
): Promise<Record<string, unknown>> {
  return organization_id === null
    ? { ...config, api_key }
    : await resolveReferences(config, organization_id, rpc);
}
