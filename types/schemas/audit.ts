import { z } from "zod";
import { bigint, jsonObject, timestamp, uuid } from "./scalars.ts";

/** `verify_audit_chain`: needs `audit.read` and `audit.export`. */
export const verifyAuditChainInput = z.object({ p_organization_id: uuid });
export type VerifyAuditChainInput = z.infer<typeof verifyAuditChainInput>;

/** How grave an audited event is. */
export const auditSeverity = z.enum(["debug", "info", "warning", "error", "critical"]);
export type AuditSeverity = z.infer<typeof auditSeverity>;

/** Who acted: a person, the service in the name of an agent, the service, or the database. */
export const auditActorType = z.enum(["user", "agent", "service", "system"]);
export type AuditActorType = z.infer<typeof auditActorType>;

/** `search_audit_logs`: newest first; the cursor of a page's last row leads to the next page. */
export const searchAuditLogsInput = z.object({
  p_organization_id: uuid,
  p_query: z.string().max(1000).nullish(),
  p_actor_id: uuid.nullish(),
  p_actor_type: auditActorType.nullish(),
  p_action: z.string().nullish(),
  p_resource_type: z.string().nullish(),
  p_resource_id: z.string().nullish(),
  p_severity: auditSeverity.nullish(),
  p_correlation_id: z.string().nullish(),
  p_from: timestamp.nullish(),
  p_to: timestamp.nullish(),
  p_limit: z.int().min(1).max(1000).optional(),
  p_cursor: z.string().nullish(),
});
export type SearchAuditLogsInput = z.infer<typeof searchAuditLogsInput>;

/** A row of `search_audit_logs`. */
export const auditLog = z.looseObject({
  id: bigint,
  organization_id: uuid,
  actor_type: auditActorType,
  actor_id: uuid.nullable(),
  action: z.string(),
  resource_type: z.string(),
  resource_id: z.string().nullable(),
  old_values: jsonObject.nullable(),
  new_values: jsonObject.nullable(),
  severity: auditSeverity,
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  correlation_id: z.string().nullable(),
  created_at: timestamp,
  cursor: z.string(),
});
export type AuditLog = z.infer<typeof auditLog>;

/** The formats of an export. */
export const auditExportFormat = z.enum(["csv", "ndjson"]);
export type AuditExportFormat = z.infer<typeof auditExportFormat>;

/** `begin_audit_export`: called by the function `audit-export` before the first row goes out. */
export const beginAuditExportInput = z.object({
  p_organization_id: uuid,
  p_format: auditExportFormat,
  p_filters: jsonObject.optional(),
});
export type BeginAuditExportInput = z.infer<typeof beginAuditExportInput>;

/** The filters of an export: those of `search_audit_logs`, without their prefix. */
export const auditFilters = z.strictObject({
  query: z.string().max(1000).optional(),
  actor_id: uuid.optional(),
  actor_type: auditActorType.optional(),
  action: z.string().max(200).optional(),
  resource_type: z.string().max(200).optional(),
  resource_id: z.string().max(1000).optional(),
  severity: auditSeverity.optional(),
  correlation_id: z.string().max(128).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type AuditFilters = z.infer<typeof auditFilters>;

/** Body of `audit-export`, which answers a file as a stream. */
export const auditExportBody = z.strictObject({
  organization_id: uuid,
  format: auditExportFormat.default("csv"),
  filters: auditFilters.default({}),
});
export type AuditExportBody = z.infer<typeof auditExportBody>;

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `start_audit_archive` (service role): answers an `auditMonth`, or null when nothing is left. */
export const startAuditArchiveInput = z.object(lease);
export type StartAuditArchiveInput = z.infer<typeof startAuditArchiveInput>;

/** A month to archive, with what is still in the database of it. */
export const auditMonth = z.looseObject({
  organization_id: uuid,
  month: z.string().regex(/^\d{4}-\d{2}$/),
  seal_count: bigint,
  row_count: bigint,
});
export type AuditMonth = z.infer<typeof auditMonth>;

/** `read_audit_archive_page` (service role): answers an `auditArchivePage`, null behind the last. */
export const readAuditArchivePageInput = z.object({
  ...lease,
  p_after_sequence: bigint.optional(),
  p_after_row_id: bigint.nullish(),
});
export type ReadAuditArchivePageInput = z.infer<typeof readAuditArchivePageInput>;

/** Lines of an archive: of each seal its rows, then the seal. */
export const auditArchivePage = z.looseObject({
  sequence: bigint,
  row_id: bigint,
  through_sequence: bigint.nullable(),
  /** Whether the page ends with a whole seal. */
  is_whole: z.boolean(),
  row_count: z.int(),
  lines: z.string(),
});
export type AuditArchivePage = z.infer<typeof auditArchivePage>;

/** `complete_audit_archive` (service role): answers how many rows left the database. */
export const completeAuditArchiveInput = z.object({
  ...lease,
  p_path: z.string(),
  p_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  p_byte_count: z.int().positive(),
  p_row_count: z.int().nonnegative(),
  p_through_sequence: bigint,
});
export type CompleteAuditArchiveInput = z.infer<typeof completeAuditArchiveInput>;

/** `is_audit_archive_orphaned` (service role). */
export const isAuditArchiveOrphanedInput = z.object({ p_path: z.string() });
export type IsAuditArchiveOrphanedInput = z.infer<typeof isAuditArchiveOrphanedInput>;
