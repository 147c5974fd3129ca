import { stringify } from "csv-stringify/sync";
import type { AuditLog } from "../../types/schemas.ts";

const columns = [
  "created_at",
  "id",
  "actor_type",
  "actor_id",
  "action",
  "resource_type",
  "resource_id",
  "severity",
  "ip_address",
  "user_agent",
  "correlation_id",
  "old_values",
  "new_values",
] as const;

/**
 * As RFC 4180 has it. Every text is quoted, as it may hold a line break of any kind; what a
 * spreadsheet would take for a formula gets an apostrophe.
 */
const options = {
  record_delimiter: "windows",
  quoted_string: true,
  escape_formulas: true,
} as const;

/** The line that names the columns. */
export function csvHeader(): string {
  return stringify([[...columns]], options);
}

/** Audit logs as lines of CSV; documents are JSON in their field. */
export function csvRows(logs: AuditLog[]): string {
  return stringify(
    logs.map((log) =>
      columns.map((column) => {
        const value = log[column];
        return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
      }),
    ),
    options,
  );
}
