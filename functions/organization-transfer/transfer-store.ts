import { z } from "zod";
import {
  type ArchiveManifest,
  type ClaimedJob,
  type ImportResult,
  importResult,
  type StartedTransfer,
  startedTransfer,
  type TransferSnapshot,
  transferSnapshot,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { leaseOf } from "../_shared/jobs/job-queue.ts";

/** The database's side of one transfer: every call presents the token of the job's lease. */
export interface TransferStore {
  /** Null when there is nothing to do; the job is ended then. */
  start(): Promise<StartedTransfer | null>;
  report(percent: number, table: string): Promise<void>;
  /** Ends the transfer, and its job, with a reason for its owner. */
  fail(error: string): Promise<void>;
  snapshot(): Promise<TransferSnapshot>;
  /** A chunk, counted from 1, as lines of JSON. */
  readLines(table: string, chunk: number): Promise<string>;
  /** A chunk, counted from 1, as rows of texts in the order of the columns. */
  readValues(table: string, chunk: number): Promise<(string | null)[][]>;
  /** False when the export was cancelled meanwhile. */
  completeExport(archive: { path: string; bytes: number; sha256: string }): Promise<boolean>;
  /** Answers the tables whose rows are wanted. */
  stage(manifest: ArchiveManifest): Promise<string[]>;
  stageLines(table: string, lines: string): Promise<void>;
  load(): Promise<ImportResult>;
}

/** A transfer over RPCs of the service role. */
export function transferStore(rpc: Rpc, job: ClaimedJob): TransferStore {
  const lease = leaseOf(job);

  return {
    async start() {
      return startedTransfer.nullable().parse((await rpc("start_transfer", lease)) ?? null);
    },
    async report(percent, table) {
      const progress = { p_progress_percent: percent, p_current_table: table };
      await rpc("report_transfer_progress", { ...lease, ...progress });
    },
    async fail(error) {
      await rpc("fail_transfer", { ...lease, p_error: error });
    },
    async snapshot() {
      return transferSnapshot.parse(await rpc("snapshot_transfer", lease));
    },
    async readLines(table, chunk) {
      const place = { p_table: table, p_chunk: chunk };
      return z.string().parse(await rpc("read_transfer_lines", { ...lease, ...place }));
    },
    async readValues(table, chunk) {
      const place = { p_table: table, p_chunk: chunk };
      return (await rpc("read_transfer_values", { ...lease, ...place })) as (string | null)[][];
    },
    async completeExport({ path, bytes, sha256 }) {
      const archive = { p_archive_path: path, p_archive_bytes: bytes, p_archive_sha256: sha256 };
      return z.boolean().parse(await rpc("complete_export", { ...lease, ...archive }));
    },
    async stage(manifest) {
      const wanted = await rpc("stage_import", { ...lease, p_manifest: manifest });
      return z.array(z.string()).parse(wanted);
    },
    async stageLines(table, lines) {
      await rpc("stage_import_lines", { ...lease, p_table: table, p_lines: lines });
    },
    async load() {
      return importResult.parse(await rpc("load_import", lease));
    },
  };
}
