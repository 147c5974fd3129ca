import { type AuditArchivePage, auditArchivePage, type Bigint } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { type GzipText, gzipText } from "./gzip-text.ts";

/** A part ends with the first whole seal beyond one of these: one object, one transaction. */
export interface PartLimits {
  rows: number;
  bytes: number;
}

/** Compressed lines of whole seals. */
export interface Part {
  bytes: Uint8Array<ArrayBuffer>;
  rowCount: number;
  throughSequence: Bigint;
}

/** Reads the seals of a month that are still here, from the first one on, into a part. */
export async function readPart(
  rpc: Rpc,
  lease: Record<string, unknown>,
  limits: PartLimits,
  signal: AbortSignal,
): Promise<Part> {
  const gzip = gzipText();
  try {
    return await fill(gzip, rpc, lease, limits, signal);
  } catch (error) {
    gzip.abort();
    throw error;
  }
}

async function fill(
  gzip: GzipText,
  rpc: Rpc,
  lease: Record<string, unknown>,
  limits: PartLimits,
  signal: AbortSignal,
): Promise<Part> {
  let rowCount = 0;
  let last: AuditArchivePage | null = null;

  for (;;) {
    signal.throwIfAborted();
    const page: AuditArchivePage | null = auditArchivePage.nullable().parse(
      (await rpc("read_audit_archive_page", {
        ...lease,
        ...(last && { p_after_sequence: last.sequence, p_after_row_id: last.row_id }),
      })) ?? null,
    );
    if (!page) {
      break;
    }
    await gzip.write(page.lines);
    rowCount += page.row_count;
    last = page;
    if (page.is_whole && (rowCount >= limits.rows || gzip.size() >= limits.bytes)) {
      break;
    }
  }
  if (!last?.is_whole || last.through_sequence === null) {
    throw new Error("The month ended in the middle of a seal");
  }
  return { bytes: await gzip.end(), rowCount, throughSequence: last.through_sequence };
}
