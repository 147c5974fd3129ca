import { z } from "zod";
import type { AuditExportBody, AuditExportFormat } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { textStream } from "../_shared/http/text-stream.ts";
import type { Log } from "../_shared/log.ts";
import { chargeRequest } from "../_shared/quotas/charge-request.ts";
import { auditPages } from "./audit-pages.ts";
import { csvHeader, csvRows } from "./csv-rows.ts";
import { ndjsonRows } from "./ndjson-rows.ts";

/** What an export needs; tests give their own. */
export interface AuditExportTools {
  /** RPCs as the caller: each page is asked for with their permissions of that moment. */
  rpc: Rpc;
  /** RPCs of the service role. */
  service: Rpc;
  log: Log;
  pageSize?: number;
  now?: () => Date;
}

const formats = {
  csv: { type: "text/csv; charset=utf-8", header: csvHeader, rows: csvRows },
  ndjson: { type: "application/x-ndjson; charset=utf-8", header: () => "", rows: ndjsonRows },
};

/**
 * Writes down who exports what, then streams the logs page by page, newest first. A page is read
 * when the client has taken the one before, and none after it went away.
 *
 * What can be refused is refused before the stream begins; a failure in the middle breaks it off.
 */
export async function handleAuditExport(
  body: AuditExportBody,
  tools: AuditExportTools,
): Promise<Response> {
  const { organization_id, format, filters } = body;
  const { rpc, log } = tools;

  const slug = z.string().parse(
    await rpc("begin_audit_export", {
      p_organization_id: organization_id,
      p_format: format,
      p_filters: filters,
    }),
  );
  await chargeRequest(tools.service, organization_id);

  const pages = auditPages(rpc, organization_id, filters, tools.pageSize);
  const first = await pages.next();

  async function* texts() {
    let count = 0;
    let ending = "cancelled";
    try {
      yield formats[format].header();
      for (let page = first; !page.done; page = await pages.next()) {
        yield formats[format].rows(page.value);
        count += page.value.length;
      }
      ending = "complete";
    } catch (error) {
      ending = "broken off";
      log("error", "an export broke off", { error: describeError(error) });
      throw error;
    } finally {
      log("info", "export ended", { organization: organization_id, format, rows: count, ending });
    }
  }

  return new Response(textStream(texts()), {
    headers: {
      "content-type": formats[format].type,
      "content-disposition": `attachment; filename="${fileName(slug, format, tools.now)}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

function fileName(slug: string, format: AuditExportFormat, now = () => new Date()): string {
  return `audit-${slug}-${now().toISOString().slice(0, 10)}.${format}`;
}
