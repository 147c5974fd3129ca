import type { StartedTransfer } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { TransferTools } from "./handler.ts";
import { type OpenArchive, openArchive } from "./open-archive.ts";

/** An archive is held in memory while it is read, as the bucket's own limit foresees. */
export const MAX_ARCHIVE_BYTES = 50 * 1024 * 1024;

/**
 * Takes an archive in: its manifest and rows go to the database, which then makes an organization
 * of them in one transaction. An attempt after a crash begins anew.
 */
export async function importArchive(
  transfer: StartedTransfer,
  { store, archives, signal }: TransferTools,
): Promise<string> {
  const content = await archives.download("imports", transfer.archive_path ?? "");
  const archive: OpenArchive = await openArchive(await collect(content, MAX_ARCHIVE_BYTES));
  const { manifest } = archive;
  const wanted = await store.stage(manifest);

  let done = 0;
  for (const table of manifest.tables.filter(({ name }) => wanted.includes(name))) {
    signal.throwIfAborted();
    await store.report(Math.floor((done * 80) / wanted.length), table.name);
    await archive.readLines(table, (lines) => store.stageLines(table.name, lines), signal);
    done += 1;
  }
  await store.report(80, "organizations");
  await store.load();
  return "completed";
}

/** A stream as one blob; one that is longer than foreseen is not read to its end. */
async function collect(content: ReadableStream<Uint8Array>, limit: number): Promise<Blob> {
  const parts: BlobPart[] = [];
  let bytes = 0;
  for await (const part of content) {
    bytes += part.byteLength;
    if (bytes > limit) {
      const size = `${limit / 1024 / 1024} MiB`;
      throw new HttpError(413, "archive_too_large", `The archive is larger than ${size}`);
    }
    parts.push(part as BlobPart);
  }
  return new Blob(parts);
}
