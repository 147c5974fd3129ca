import { configure, ZipWriter } from "@zip.js/zip.js";
import {
  ARCHIVE_FORMAT_VERSION,
  type ArchivedFile,
  type ArchiveManifest,
  type StartedTransfer,
  type TransferSnapshot,
} from "../../types/schemas.ts";
import { toCsv } from "./csv.ts";
import type { TransferTools } from "./handler.ts";
import { Measure } from "./measure.ts";

// The Edge Runtime has no workers; its own compression streams are as fast.
configure({ useWebWorkers: false });

/** Between two reports of progress, which also tell whether the transfer was cancelled. */
const REPORT_EVERY_MS = 1000;

type Table = TransferSnapshot["tables"][number];

/**
 * Makes the archive of an export: each table as NDJSON and as CSV, streamed chunk by chunk into one
 * zip and on into Storage, so that memory holds a few chunks at most. The manifest comes last, for
 * it says what the files came to. An attempt after a crash finds the same snapshot, and writes the
 * archive anew under the same path.
 */
export async function exportArchive(
  transfer: StartedTransfer,
  tools: TransferTools,
): Promise<string> {
  const { store, archives } = tools;
  const snapshot = await store.snapshot();
  const path = `${transfer.organization_id ?? `users/${transfer.user_id}`}/${transfer.id}.zip`;

  const whole = new Measure();
  let controller: TransformStreamDefaultController<Uint8Array> | undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(own) {
      controller = own;
    },
    transform(chunk, own) {
      whole.add(chunk);
      own.enqueue(chunk);
    },
  });
  // Whichever side breaks first breaks the other, and says why.
  let reason: { error: unknown } | undefined;
  const breaking = (error: unknown) => {
    reason ??= { error };
    controller?.error(error);
  };
  await Promise.all([
    archives.upload("exports", path, readable).catch(breaking),
    writeArchive(writable, transfer, snapshot, tools).catch(breaking),
  ]);
  if (reason) {
    throw reason.error;
  }

  const archive = { path, bytes: whole.bytes, sha256: whole.sha256() };
  if (await store.completeExport(archive)) {
    return "completed";
  }
  await archives.remove("exports", path);
  return "cancelled";
}

async function writeArchive(
  writable: WritableStream<Uint8Array>,
  transfer: StartedTransfer,
  { tables, about }: TransferSnapshot,
  { store, signal, now }: TransferTools,
): Promise<void> {
  const zip = new ZipWriter(writable, { useWebWorkers: false, signal });
  const total = Math.max(2 * tables.reduce((sum, table) => sum + table.chunk_count, 0), 1);
  let done = 0;
  let reported = 0;

  const advance = async (table: Table) => {
    signal.throwIfAborted();
    done += 1;
    if (now().getTime() - reported >= REPORT_EVERY_MS) {
      reported = now().getTime();
      await store.report(Math.floor((done * 99) / total), table.name);
    }
  };
  const addFile = async (name: string, parts: AsyncIterator<string>): Promise<ArchivedFile> => {
    const measure = new Measure();
    const encoder = new TextEncoder();
    const content = new ReadableStream<Uint8Array>({
      async pull(own) {
        const { done: isOver, value } = await parts.next();
        if (isOver) {
          own.close();
          return;
        }
        const bytes = encoder.encode(value);
        measure.add(bytes);
        own.enqueue(bytes);
      },
    });
    await zip.add(name, content);
    return { path: name, bytes: measure.bytes, sha256: measure.sha256() };
  };

  async function* lines(table: Table) {
    for (let chunk = 1; chunk <= table.chunk_count; chunk += 1) {
      await advance(table);
      yield `${await store.readLines(table.name, chunk)}\n`;
    }
  }
  async function* records(table: Table) {
    yield toCsv([table.columns.map(({ name }) => name)]);
    for (let chunk = 1; chunk <= table.chunk_count; chunk += 1) {
      await advance(table);
      yield toCsv(await store.readValues(table.name, chunk));
    }
  }

  const written: ArchiveManifest["tables"] = [];
  for (const table of tables) {
    const { name, columns, row_count } = table;
    const ndjson = await addFile(`ndjson/${name}.ndjson`, lines(table));
    const csv = await addFile(`csv/${name}.csv`, records(table));
    written.push({ name, columns, row_count, ndjson, csv });
  }
  const manifest: ArchiveManifest = {
    format: transfer.kind === "export_personal_data" ? "ensemble-person" : "ensemble-organization",
    format_version: ARCHIVE_FORMAT_VERSION,
    exported_at: now().toISOString(),
    transfer_id: transfer.id,
    ...about,
    tables: written,
  };
  await addFile("manifest.json", once(`${JSON.stringify(manifest, null, 2)}\n`));
  await zip.close();
}

async function* once(text: string) {
  yield text;
}
