import type { AuditLog } from "../../types/schemas.ts";

/** Audit logs as lines of JSON. The cursor is a matter of pages, not of the log. */
export function ndjsonRows(logs: AuditLog[]): string {
  return logs.map(({ cursor, ...log }) => `${JSON.stringify(log)}\n`).join("");
}
