import type { ArchiveBucket, Archives } from "../../functions/organization-transfer/archives.ts";
import type { TransferTools } from "../../functions/organization-transfer/handler.ts";
import type { TransferStore } from "../../functions/organization-transfer/transfer-store.ts";
import type { ArchiveManifest, ClaimedJob, TransferSnapshot } from "../../types/schemas.ts";

/** The id that everything in these tests has. */
export const TRANSFER_ID = "7f000000-0000-4000-8000-000000000001";
/** The organization of these tests. */
export const ORGANIZATION_ID = "7f000000-0000-4000-8000-000000000002";

/** Storage in memory. */
export class MemoryArchives implements Archives {
  readonly objects = new Map<string, Uint8Array>();
  /** The most bytes that were on their way at once. */
  chunks: number[] = [];

  async upload(bucket: ArchiveBucket, path: string, content: ReadableStream<Uint8Array>) {
    const parts: Uint8Array[] = [];
    for await (const part of content) {
      parts.push(part);
      this.chunks.push(part.byteLength);
    }
    this.objects.set(`${bucket}/${path}`, Buffer.concat(parts));
  }
  async download(bucket: ArchiveBucket, path: string) {
    const content = this.objects.get(`${bucket}/${path}`);
    return new Blob(content ? [content as BlobPart] : []).stream() as ReadableStream<Uint8Array>;
  }
  async remove(bucket: ArchiveBucket, path: string) {
    this.objects.delete(`${bucket}/${path}`);
  }
}

/** A database that holds one transfer: tables by name, chunks of rows. */
export class MemoryStore implements TransferStore {
  readonly reports: [number, string][] = [];
  readonly staged = new Map<string, string[]>();
  failure: string | undefined;
  manifest: ArchiveManifest | undefined;
  completed: { path: string; bytes: number; sha256: string } | undefined;
  loaded = false;
  isCancelled = false;

  constructor(
    readonly tables: Record<string, { columns: string[]; chunks: Record<string, unknown>[][] }>,
    readonly kind: "export_organization" | "import_organization" = "export_organization",
  ) {}

  async start() {
    const archive_path = this.kind === "import_organization" ? "users/u/a.zip" : null;
    const organization_id = this.kind === "import_organization" ? null : ORGANIZATION_ID;
    return { id: TRANSFER_ID, kind: this.kind, organization_id, user_id: null, archive_path };
  }
  async report(percent: number, table: string) {
    this.reports.push([percent, table]);
  }
  async fail(error: string) {
    this.failure = error;
  }
  async snapshot(): Promise<TransferSnapshot> {
    return {
      tables: Object.entries(this.tables).map(([name, { columns, chunks }]) => ({
        name,
        columns: columns.map((column) => ({ name: column, type: "text" })),
        row_count: chunks.flat().length,
        chunk_count: chunks.length,
      })),
      about: { organization: { id: ORGANIZATION_ID, name: "Ours" }, secrets: [], people: [] },
    };
  }
  async readLines(table: string, chunk: number) {
    return (this.tables[table]?.chunks[chunk - 1] ?? [])
      .map((row) => JSON.stringify(row))
      .join("\n");
  }
  async readValues(table: string, chunk: number) {
    const { columns, chunks } = this.tables[table] ?? { columns: [], chunks: [] };
    const text = (value: unknown) =>
      value === undefined || value === null
        ? null
        : typeof value === "string"
          ? value
          : JSON.stringify(value);
    return (chunks[chunk - 1] ?? []).map((row) => columns.map((column) => text(row[column])));
  }
  async completeExport(archive: { path: string; bytes: number; sha256: string }) {
    this.completed = archive;
    return !this.isCancelled;
  }
  async stage(manifest: ArchiveManifest) {
    this.manifest = manifest;
    return manifest.tables.map(({ name }) => name).filter((name) => name in this.tables);
  }
  async stageLines(table: string, lines: string) {
    this.staged.set(table, [...(this.staged.get(table) ?? []), ...lines.split("\n")]);
  }
  async load() {
    this.loaded = true;
    return { loaded: {}, left_out: {}, tables_left_out: [], secrets: [], people: [] };
  }
}

/** A job of the queue of transfers. */
export function transferJob(kind: string, payload: Record<string, unknown> = {}): ClaimedJob {
  return {
    id: 1,
    kind,
    organization_id: null,
    payload,
    attempts: 1,
    max_attempts: 5,
    lease_token: 1,
    leased_until: "2026-01-01T00:00:00Z",
  };
}

/** Tools over memory. */
export function memoryTools(store: MemoryStore, archives = new MemoryArchives()) {
  const ended: ClaimedJob[] = [];
  const tools: TransferTools & { archives: MemoryArchives } = {
    queue: {
      async complete(job: ClaimedJob) {
        ended.push(job);
      },
    },
    store,
    archives,
    signal: new AbortController().signal,
    log: () => {},
    now: () => new Date(),
  };
  return { tools, ended };
}
