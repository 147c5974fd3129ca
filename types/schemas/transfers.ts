import { z } from "zod";
import { bigint, jsonObject, timestamp, uuid } from "./scalars.ts";

/** `export_organization`: answers the transfer to follow. */
export const exportOrganizationInput = z.object({ p_organization_id: uuid });
export type ExportOrganizationInput = z.infer<typeof exportOrganizationInput>;

/** `import_organization`: the archive lies in the caller's folder of the bucket imports. */
export const importOrganizationInput = z.object({
  p_archive_path: z.string().min(1).max(500),
  p_name: z.string().min(1).max(255).nullish(),
  p_slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(100)
    .nullish(),
});
export type ImportOrganizationInput = z.infer<typeof importOrganizationInput>;

/** `cancel_transfer`: of an export or import that is not over. */
export const cancelTransferInput = z.object({ p_transfer_id: uuid });
export type CancelTransferInput = z.infer<typeof cancelTransferInput>;

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `report_transfer_progress` (service role). */
export const reportTransferProgressInput = z.object({
  ...lease,
  p_progress_percent: z.int().min(0).max(100),
  p_current_table: z.string().nullish(),
});
export type ReportTransferProgressInput = z.infer<typeof reportTransferProgressInput>;

/** `fail_transfer` (service role). */
export const failTransferInput = z.object({ ...lease, p_error: z.string() });
export type FailTransferInput = z.infer<typeof failTransferInput>;

/** `read_transfer_lines` and `read_transfer_values` (service role). */
export const readTransferChunkInput = z.object({
  ...lease,
  p_table: z.string(),
  p_chunk: z.int().positive(),
});
export type ReadTransferChunkInput = z.infer<typeof readTransferChunkInput>;

/** `complete_export` (service role): false when the export was cancelled meanwhile. */
export const completeExportInput = z.object({
  ...lease,
  p_archive_path: z.string(),
  p_archive_bytes: z.int().nonnegative(),
  p_archive_sha256: z.string(),
});
export type CompleteExportInput = z.infer<typeof completeExportInput>;

/** `stage_import` (service role): answers the tables whose rows are wanted. */
export const stageImportInput = z.object({ ...lease, p_manifest: jsonObject });
export type StageImportInput = z.infer<typeof stageImportInput>;

/** `stage_import_lines` (service role): one JSON object a line. */
export const stageImportLinesInput = z.object({
  ...lease,
  p_table: z.string(),
  p_lines: z.string(),
});
export type StageImportLinesInput = z.infer<typeof stageImportLinesInput>;

/** What `start_transfer` answers; null when there is nothing to do. */
export const startedTransfer = z.looseObject({
  id: uuid,
  kind: z.enum(["export_organization", "import_organization", "export_personal_data"]),
  organization_id: uuid.nullable(),
  user_id: uuid.nullable(),
  archive_path: z.string().nullable(),
});
export type StartedTransfer = z.infer<typeof startedTransfer>;

/** A column as an archive describes it. */
export const archivedColumn = z.object({ name: z.string().min(1), type: z.string() });
export type ArchivedColumn = z.infer<typeof archivedColumn>;

/** What `snapshot_transfer` answers. */
export const transferSnapshot = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(archivedColumn),
      row_count: z.int(),
      chunk_count: z.int(),
    }),
  ),
  about: jsonObject,
});
export type TransferSnapshot = z.infer<typeof transferSnapshot>;

/** The version of archives that is written, and the only one that is read. */
export const ARCHIVE_FORMAT_VERSION = 1;

/** A file of an archive: its bytes before compression, and their SHA-256 in hex. */
export const archivedFile = z.object({
  path: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ArchivedFile = z.infer<typeof archivedFile>;

/** A table of an archive: the same rows twice, as NDJSON to import and as CSV to read. */
export const archivedTable = z.object({
  name: z.string().regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/),
  columns: z.array(archivedColumn),
  row_count: z.int().nonnegative(),
  ndjson: archivedFile,
  csv: archivedFile,
});
export type ArchivedTable = z.infer<typeof archivedTable>;

/**
 * `manifest.json` of an archive. In NDJSON a jsonb column without a value is left out of its line;
 * a null there is JSON's null.
 */
export const archiveManifest = z.looseObject({
  format: z.enum(["ensemble-organization", "ensemble-person"]),
  format_version: z.int(),
  exported_at: timestamp,
  transfer_id: uuid,
  tables: z.array(archivedTable),
});
export type ArchiveManifest = z.infer<typeof archiveManifest>;

/** `result` of a completed import. */
export const importResult = z.looseObject({
  /** Rows by table. */
  loaded: z.record(z.string(), z.int()),
  /** Rows that were left out, by table: what belongs to people who are not here. */
  left_out: z.record(z.string(), z.int()),
  /** Tables that are exported to be read only, or that this database does not have. */
  tables_left_out: z.array(z.string()),
  /** Names of secrets to set anew. */
  secrets: z.array(z.string()),
  /** Who belonged to it, and whether an invitation waits for them now. */
  people: z.array(
    z.object({
      email: z.string().nullable(),
      full_name: z.string().nullable(),
      role: z.string().nullable(),
      invited: z.boolean(),
    }),
  ),
});
export type ImportResult = z.infer<typeof importResult>;
