import { setTimeout as sleep } from "node:timers/promises";
import type { SupabaseClient } from "@supabase/supabase-js";
import { DemoError } from "./demo-error.ts";
import type { DemoMedium } from "./media.ts";
import { unwrap } from "./unwrap.ts";

const POLL_MS = 250;
const PATIENCE_MS = 90_000;

/** A medium that has been read. */
export interface ReadMedium {
  name: string;
  pages: number | null;
  chunks: number;
  /** The steps that were done, with their time. */
  steps: string;
  embeddingModel: string | null;
}

const COLUMNS =
  "id, display_name, processing_status, processing_percent, processing_error, page_count, chunk_count, embedding_model";

/** Shows how far media have come, until all are read. Throws a `DemoError` when one is not. */
export async function followMedia(
  client: SupabaseClient,
  media: DemoMedium[],
  show: (line: string) => void,
): Promise<ReadMedium[]> {
  const ids = media.map(({ id }) => id);
  const begun = Date.now();
  for (;;) {
    const rows = unwrap(
      "follow the media",
      await client.from("media_library").select(COLUMNS).in("id", ids).order("created_at"),
    );
    const failed = rows.find(({ processing_status }) => processing_status === "failed");
    if (failed) {
      throw new DemoError(`${failed.display_name} was not read: ${failed.processing_error}`);
    }
    show(rows.map((row) => `${row.display_name} ${row.processing_percent} %`).join(", "));
    if (rows.every(({ processing_status }) => processing_status === "completed")) {
      return Promise.all(
        rows.map(async (row) => ({
          name: row.display_name,
          pages: row.page_count,
          chunks: row.chunk_count,
          steps: await stepsOf(client, row.id),
          embeddingModel: row.embedding_model,
        })),
      );
    }
    if (Date.now() - begun > PATIENCE_MS) {
      throw new DemoError(
        "The media are not read.",
        "Was the stack started with --no-tick? Look at its log.",
      );
    }
    await sleep(POLL_MS);
  }
}

async function stepsOf(client: SupabaseClient, mediaId: string): Promise<string> {
  const rows = unwrap(
    "read how a medium was processed",
    await client
      .from("media_processing_logs")
      .select("processing_step, duration_ms")
      .eq("media_id", mediaId)
      .eq("status", "completed")
      .order("created_at"),
  );
  return rows
    .map(({ processing_step, duration_ms }) =>
      duration_ms === null ? processing_step : `${processing_step} ${duration_ms} ms`,
    )
    .join(", ");
}
