import { z } from "zod";
import { type AuditFilters, type AuditLog, auditLog } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";

/** Rows of a page: large enough to be worth a request, below what PostgREST answers at most. */
const PAGE_SIZE = 500;

/**
 * The audit logs that the filters leave, newest first, page by page. What is written meanwhile is
 * newer than the first row, so that no page meets it.
 */
export async function* auditPages(
  rpc: Rpc,
  organizationId: string,
  filters: AuditFilters,
  pageSize: number = PAGE_SIZE,
): AsyncGenerator<AuditLog[], void> {
  const named = Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [`p_${name}`, value]),
  );
  let cursor: string | null = null;

  for (;;) {
    const page: AuditLog[] = z.array(auditLog).parse(
      await rpc("search_audit_logs", {
        p_organization_id: organizationId,
        ...named,
        p_limit: pageSize,
        p_cursor: cursor,
      }),
    );
    if (page.length > 0) {
      yield page;
    }
    cursor = page.at(-1)?.cursor ?? null;
    if (page.length < pageSize) {
      return;
    }
  }
}
