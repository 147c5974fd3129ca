/**
 * deno run scripts/bench/ingestion/worker.ts <file>
 *
 * Does what media-processor does with a file, as it does it, but for the network: what would go to
 * the database is made into JSON and forgotten. Prints {pages, chunks, seconds, peak_mb}.
 */
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { loadTokenizer } from "../../../functions/_shared/tokens/count-tokens.ts";
import { handleMedia } from "../../../functions/media-processor/handler.ts";
import type { MediaStore } from "../../../functions/media-processor/media-store.ts";
import type { ClaimedJob, WaitingChunk } from "../../../types/schemas.ts";

/** Of Deno, typed by hand so that this file also compiles for Node's tools. */
const { Deno } = globalThis as unknown as {
  Deno: {
    args: string[];
    readFile(path: string): Promise<Uint8Array>;
    readTextFile(path: string): Promise<string>;
  };
};

const id = "00000000-0000-4000-8000-000000000001";
const job: ClaimedJob = {
  id: 1,
  kind: "index_medium",
  organization_id: id,
  payload: {},
  attempts: 1,
  max_attempts: 5,
  lease_token: 1,
  leased_until: "",
};
let pages = 0;
let chunks = 0;
let sentBytes = 0;
/** The text that waits for its vector, as the database would hand it out. */
let waiting: WaitingChunk[] = [];
const send = (value: unknown) => {
  sentBytes += JSON.stringify(value).length;
};

const store: MediaStore = {
  start: async () => ({
    kind: "index_medium",
    media_id: id,
    organization_id: id,
    generation: 1,
    bucket: "media-library",
    storage_path: Deno.args[0] ?? "",
    file_name: "report.pdf",
    file_type: "application/pdf",
    checkpoint: {},
    chunk_count: 0,
    embedding_model: "none",
  }),
  log: async (...said) => send(said),
  async saveChunks(_, saved, checkpoint) {
    send([saved, checkpoint]);
    chunks += saved.length;
    // One in ten, for the database keeps them, not the worker.
    waiting.push(
      ...saved
        .filter((_chunk, place) => place % 10 === 0)
        .map(({ heading_path, content }) => ({ chunk_id: id, heading_path, content })),
    );
  },
  async publish({ pageCount }) {
    pages = pageCount ?? 0;
  },
  async fail(_, error) {
    throw new Error(error);
  },
  registerModel: async () => {},
  async readChunks(limit) {
    const next = waiting.slice(0, limit);
    waiting = waiting.slice(limit);
    return next;
  },
  async saveEmbeddings(_, embeddings) {
    send(embeddings);
    return embeddings.length;
  },
  publishEmbeddings: async () => true,
};

const begun = performance.now();
const outcome = await handleMedia(job, {
  queue: { complete: async () => {}, release: async () => {} },
  store,
  objects: { download: (_, path) => Deno.readFile(path) },
  openDocument,
  findImageReader: () => null,
  loadTokenizer,
  findEmbedder: () => ({
    model: "constant",
    dimensions: 384,
    embed: async (texts) => texts.map(() => Array.from({ length: 384 }, () => Math.random())),
  }),
  signal: new AbortController().signal,
  isSpent: () => false,
  log: () => {},
  now: () => performance.now(),
});
const seconds = (performance.now() - begun) / 1000;
const status = await Deno.readTextFile("/proc/self/status");
const peak_mb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
console.log(JSON.stringify({ outcome, pages, chunks, seconds, peak_mb, sentBytes }));
