import { BlobReader, configure, type Entry, type FileEntry, ZipReader } from "@zip.js/zip.js";
import {
  ARCHIVE_FORMAT_VERSION,
  type ArchivedFile,
  type ArchivedTable,
  type ArchiveManifest,
  archiveManifest,
} from "../../types/schemas.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { Measure } from "./measure.ts";

configure({ useWebWorkers: false });

/** An archive says how long its files are; one may say so much and hold no more than it said. */
const MAX_ENTRIES = 4000;
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const MAX_CONTENT_BYTES = 1024 * 1024 * 1024;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** What goes to the database at once. */
const BATCH_LINES = 1000;
const BATCH_BYTES = 1_000_000;

/** An archive whose list of contents has been checked. */
export interface OpenArchive {
  manifest: ArchiveManifest;
  /** Hands on the rows of a table in batches of lines, and checks them against the manifest. */
  readLines(
    table: ArchivedTable,
    take: (lines: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Opens an archive of an organization. Throws 400 import_archive_invalid for anything else. */
export async function openArchive(blob: Blob): Promise<OpenArchive> {
  const entries = await listEntries(blob);
  const manifest = await readManifest(entries.get("manifest.json"));
  checkContents(manifest, entries);

  return {
    manifest,
    async readLines(table, take, signal) {
      const { ndjson } = table;
      const measure = new Measure();
      const batch = new LineBatch(take);
      await readEntry(
        entries.get(ndjson.path),
        ndjson.bytes,
        async (chunk) => {
          measure.add(chunk);
          await batch.add(chunk);
        },
        signal,
      );
      await batch.end();
      checkFile(ndjson, measure);
      if (batch.count !== table.row_count) {
        throw invalid(`${ndjson.path} has ${batch.count} rows, not ${table.row_count}`);
      }
    },
  };
}

async function listEntries(blob: Blob): Promise<Map<string, FileEntry>> {
  const found = new Map<string, FileEntry>();
  const reader = new ZipReader(new BlobReader(blob), { useWebWorkers: false });
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      checkEntry(entry, found);
      found.set(entry.filename, entry as FileEntry);
    }
  } catch (error) {
    throw error instanceof HttpError ? error : invalid(`it is no sound zip file (${plain(error)})`);
  }
  return found;
}

function checkEntry(entry: Entry, found: Map<string, FileEntry>): void {
  const name = entry.filename;
  if (!/^(manifest\.json|(ndjson|csv)\/[a-z0-9_]+(\.[a-z0-9_]+){1,2})$/.test(name)) {
    throw invalid(`it holds a file that does not belong: ${JSON.stringify(name.slice(0, 100))}`);
  }
  if (found.has(name)) {
    throw invalid(`it holds ${name} twice`);
  }
  if (entry.directory || entry.encrypted) {
    throw invalid(`${name} is no plain file`);
  }
  if (found.size >= MAX_ENTRIES) {
    throw invalid(`it holds more than ${MAX_ENTRIES} files`);
  }
}

async function readManifest(entry: FileEntry | undefined): Promise<ArchiveManifest> {
  const parts: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  await readEntry(entry, MAX_MANIFEST_BYTES, async (chunk) => {
    parts.push(decoder.decode(chunk, { stream: true }));
  });
  const text = parts.join("");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw invalid("its manifest is no JSON");
  }
  const version = (content as { format_version?: unknown } | null)?.format_version;
  if (typeof version === "number" && version > ARCHIVE_FORMAT_VERSION) {
    const message = "The archive was written by a later version";
    throw new HttpError(400, "import_version_unsupported", message, {
      hint: "Import it where at least that version runs.",
    });
  }
  const parsed = archiveManifest.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`its manifest is damaged at ${issue?.path.join(".") || "its root"}`);
  }
  return parsed.data;
}

/** The files are those that the manifest names, each for one table, and not too long together. */
function checkContents({ tables }: ArchiveManifest, entries: Map<string, FileEntry>): void {
  const named = new Set(["manifest.json"]);
  let bytes = 0;
  for (const { name, ndjson, csv } of tables) {
    for (const [file, path] of [
      [ndjson, `ndjson/${name}.ndjson`],
      [csv, `csv/${name}.csv`],
    ] as const) {
      if (file.path !== path || named.has(path) || !entries.has(path)) {
        throw invalid(`its manifest and its files differ at ${path}`);
      }
      named.add(path);
      bytes += file.bytes;
    }
  }
  if (named.size !== entries.size) {
    throw invalid("it holds files that its manifest does not name");
  }
  if (bytes > MAX_CONTENT_BYTES) {
    throw invalid(`it would unpack to more than ${MAX_CONTENT_BYTES / 1024 / 1024} MiB`);
  }
}

/** Unpacks a file no further than to the length it may have. */
async function readEntry(
  entry: FileEntry | undefined,
  limit: number,
  take: (chunk: Uint8Array) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (!entry) {
    throw invalid("it has no manifest");
  }
  let bytes = 0;
  let reason: { error: unknown } | undefined;
  const sink = new WritableStream<Uint8Array>({
    async write(chunk) {
      try {
        bytes += chunk.byteLength;
        if (bytes > limit) {
          throw invalid(`${entry.filename} is longer than it may be`);
        }
        await take(chunk);
      } catch (error) {
        reason = { error };
        throw error;
      }
    },
  });
  try {
    await entry.getData(sink, {
      useWebWorkers: false,
      checkSignature: true,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (reason) {
      throw reason.error;
    }
    signal?.throwIfAborted();
    throw invalid(`${entry.filename} is damaged (${plain(error)})`);
  }
}

function checkFile(file: ArchivedFile, measure: Measure): void {
  if (measure.bytes !== file.bytes || measure.sha256() !== file.sha256) {
    throw invalid(`${file.path} is not what its manifest says (SHA-256)`);
  }
}

/** Cuts bytes into batches of whole lines. */
class LineBatch {
  count = 0;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #rest = "";
  #lines: string[] = [];
  #length = 0;

  constructor(readonly take: (lines: string) => Promise<void>) {}

  async add(chunk: Uint8Array): Promise<void> {
    let text: string;
    try {
      text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    } catch {
      throw invalid("it holds text that is not UTF-8");
    }
    const lines = text.split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE_BYTES) {
      throw invalid("it holds a row that is too long");
    }
    for (const line of lines) {
      await this.#push(line);
    }
  }

  async end(): Promise<void> {
    if (this.#rest) {
      await this.#push(this.#rest);
    }
    await this.#flush();
  }

  async #push(line: string): Promise<void> {
    this.count += 1;
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#lines.length >= BATCH_LINES || this.#length >= BATCH_BYTES) {
      await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#lines.length > 0) {
      await this.take(this.#lines.join("\n"));
      this.#lines = [];
      this.#length = 0;
    }
  }
}

function invalid(problem: string): HttpError {
  const message = `The archive cannot be imported: ${problem}`;
  return new HttpError(400, "import_archive_invalid", message, {
    hint: "Import an archive as export_organization() made it.",
  });
}

function plain(error: unknown): string {
  return describeError(error).slice(0, 200);
}
