import { z } from "zod";
import type { ClaimedJob, StartedTransfer } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { isLeaseLost } from "../_shared/errors/is-lease-lost.ts";
import type { JobQueue } from "../_shared/jobs/job-queue.ts";
import type { Log } from "../_shared/log.ts";
import type { Archives } from "./archives.ts";
import { exportArchive } from "./export-archive.ts";
import { importArchive } from "./import-archive.ts";
import type { TransferStore } from "./transfer-store.ts";

/** What a transfer needs; tests give their own. */
export interface TransferTools {
  queue: Pick<JobQueue, "complete">;
  store: TransferStore;
  archives: Archives;
  /** Aborts when the worker's time is over or the lease is lost. */
  signal: AbortSignal;
  log: Log;
  now: () => Date;
}

/** Of an archive, or of an object that no medium claimed. */
const removal = z.object({
  bucket: z.enum(["exports", "imports", "media-library"]),
  path: z.string().min(1),
});

/**
 * Does one job of the queue of transfers, and says how it was left. What the archive or its owner is
 * to blame for ends the transfer with the reason; anything else is thrown, and the job comes back.
 */
export async function handleTransfer(job: ClaimedJob, tools: TransferTools): Promise<string> {
  const { queue, store, archives } = tools;
  if (job.kind === "remove_archive") {
    const { bucket, path } = removal.parse(job.payload);
    await archives.remove(bucket, path);
    await queue.complete(job);
    return "completed";
  }
  const transfer = await store.start();
  if (!transfer) {
    return "nothing to do";
  }
  try {
    return await workOn(transfer, tools);
  } catch (error) {
    if (!(error instanceof HttpError) || isLeaseLost(error)) {
      throw error;
    }
    if (error.code === "transfer_over") {
      await queue.complete(job);
      return "cancelled";
    }
    if (error.status >= 500 || error.status === 429) {
      throw error;
    }
    await store.fail(error.hint ? `${error.message}. ${error.hint}` : error.message);
    return "failed";
  }
}

function workOn(transfer: StartedTransfer, tools: TransferTools): Promise<string> {
  return transfer.kind === "import_organization"
    ? importArchive(transfer, tools)
    : exportArchive(transfer, tools);
}
