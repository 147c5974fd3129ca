import { type AuditMonth, auditMonth, type ClaimedJob } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { isLeaseLost } from "../_shared/errors/is-lease-lost.ts";
import { BudgetEnded } from "../_shared/jobs/budget.ts";
import type { JobContext } from "../_shared/jobs/drain-queue.ts";
import { type JobQueue, leaseOf } from "../_shared/jobs/job-queue.ts";
import type { Log } from "../_shared/log.ts";
import { sha256 } from "../_shared/sha256.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { type PartLimits, readPart } from "./read-part.ts";

const LIMITS: PartLimits = { rows: 50_000, bytes: 16_000_000 };

/** What an archiver needs; tests give their own. */
export interface AuditArchiverTools {
  queue: Pick<JobQueue, "complete" | "release" | "fail">;
  rpc: Rpc;
  store: ArchiveStore;
  log: Log;
  limits?: PartLimits;
}

/**
 * Archives a month part by part. Rows leave the database with each part that is recorded, so a
 * worker that is killed leaves nothing to clean up: the next one begins with what is still there.
 */
export async function handleAuditArchiver(
  job: ClaimedJob,
  { budget, lost }: JobContext,
  tools: AuditArchiverTools,
): Promise<"completed" | "released" | "failed"> {
  const { queue, rpc } = tools;
  if (job.kind !== "archive_audit_month") {
    const error = `The queue of the audit trail has no work of the kind ${job.kind}`;
    await queue.fail(job, { error, permanent: true });
    return "failed";
  }
  const signal = AbortSignal.any([budget.end, lost]);
  try {
    while (!budget.isSpent()) {
      signal.throwIfAborted();
      const month = auditMonth
        .nullable()
        .parse((await rpc("start_audit_archive", leaseOf(job))) ?? null);
      if (!month) {
        await queue.complete(job);
        return "completed";
      }
      await archivePart(job, month, tools, signal);
    }
  } catch (error) {
    if (!(error instanceof BudgetEnded)) {
      throw error;
    }
  }
  await queue.release(job);
  return "released";
}

async function archivePart(
  job: ClaimedJob,
  { organization_id, month }: AuditMonth,
  { rpc, store, log, limits = LIMITS }: AuditArchiverTools,
  signal: AbortSignal,
): Promise<void> {
  const { bytes, rowCount, throughSequence } = await readPart(rpc, leaseOf(job), limits, signal);
  const checksum = await sha256(bytes);
  // Named by its content: no other worker, however late, overwrites it with something else.
  const path = `${organization_id}/${month}.${checksum.slice(0, 16)}.ndjson.gz`;

  await store.put(path, bytes);
  if ((await sha256(await store.get(path))) !== checksum) {
    throw new HttpError(502, "archive_damaged", "Storage gave back something else.");
  }
  try {
    await rpc("complete_audit_archive", {
      ...leaseOf(job),
      p_path: path,
      p_sha256: checksum,
      p_byte_count: bytes.byteLength,
      p_row_count: rowCount,
      p_through_sequence: throughSequence,
    });
  } catch (error) {
    if (isLeaseLost(error) && (await rpc("is_audit_archive_orphaned", { p_path: path }))) {
      await store.remove(path);
    }
    throw error;
  }
  log("info", "audit logs archived", { path, rows: rowCount, bytes: bytes.byteLength });
}
