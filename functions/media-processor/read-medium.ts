import type { ProcessingStep, SavedChunk, StartedMedium } from "../../types/schemas.ts";
import type { Chunk } from "../_shared/chunks/chunk.ts";
import { chunkBlocks } from "../_shared/chunks/chunk-blocks.ts";
import { detectLanguage, type Language } from "../_shared/chunks/detect-language.ts";
import {
  type Block,
  type DescribeImage,
  DocumentError,
  type OpenDocument,
  type OpenOptions,
} from "../_shared/documents/document.ts";
import { sha256 } from "../_shared/sha256.ts";
import type { CountTokens } from "../_shared/tokens/count-tokens.ts";
import { type Checkpoint, checkpointOf, newCheckpoint } from "./checkpoint.ts";
import type { MediaObjects } from "./media-objects.ts";
import type { MediaStore } from "./media-store.ts";
import { RangeSize } from "./range-size.ts";

/** What reading takes; tests give their own. */
export interface ReadTools {
  store: MediaStore;
  objects: MediaObjects;
  openDocument: (bytes: Uint8Array, options: OpenOptions) => Promise<OpenDocument>;
  /** Null when no model for images is configured. */
  findImageReader: (organizationId: string) => DescribeImage | null;
  loadTokenizer: () => Promise<CountTokens>;
  /** Aborts when the worker's time is over or the lease is lost. */
  signal: AbortSignal;
  /** Whether no further range may begin. */
  isSpent: () => boolean;
  now: () => number;
}

/** The step that is being done; where a failure is told of. */
export interface ReadingPlace {
  step: ProcessingStep;
}

/** The part of the percent that reading makes up; embedding is the rest. */
export const READ_PERCENT = 70;

/** So much text tells the language; with less, the next range is looked at, too. */
const LANGUAGE_CHARACTERS = 2000;
/** Chunks that go to the database at once. */
const BATCH_CHUNKS = 200;

/**
 * Reads a medium into chunks, range by range, each saved with a checkpoint: a worker that comes
 * after goes on from there, unless the file is another one by now. Answers null when the time was
 * over first.
 */
export async function readMedium(
  medium: StartedMedium,
  tools: ReadTools,
  place: ReadingPlace = { step: "download" },
): Promise<Checkpoint | null> {
  const saved = checkpointOf(medium);
  if (saved.isRead) {
    return saved;
  }
  const { store, objects, signal, now } = tools;

  await store.log("download", "started");
  const downloadedFrom = now();
  const bytes = await objects.download(medium.bucket, medium.storage_path, signal);
  const checksum = await sha256(bytes);
  const checkpoint = saved.checksum === checksum ? saved : newCheckpoint(checksum);
  const size = bytes.byteLength;
  add(checkpoint, "download", now() - downloadedFrom);
  await store.log("download", "completed", { bytes: size }, checkpoint.durations.download);

  place.step = "identify";
  await store.log("identify", "started");
  const openedFrom = now();
  const document = await tools.openDocument(bytes, {
    fileName: medium.file_name,
    fileType: medium.file_type,
    signal,
    describeImage: tools.findImageReader(medium.organization_id) ?? undefined,
  });
  try {
    add(checkpoint, "identify", now() - openedFrom);
    const { format, units, title } = document;
    const found = { format, units, ...(title ? { title } : {}) };
    await store.log("identify", "completed", found, checkpoint.durations.identify);
    place.step = "extract";
    return await readRanges(document, checkpoint, tools);
  } finally {
    await document.close();
  }
}

async function readRanges(
  document: OpenDocument,
  begun: Checkpoint,
  { store, loadTokenizer, signal, isSpent, now }: ReadTools,
): Promise<Checkpoint | null> {
  const count = await loadTokenizer();
  const size = new RangeSize();
  let checkpoint = begun;
  await store.log("extract", "started", { units: document.units });

  while (!checkpoint.isRead) {
    signal.throwIfAborted();
    if (checkpoint.nextUnit > begun.nextUnit && isSpent()) {
      return null;
    }
    const readFrom = now();
    const { blocks, nextUnit, units } = await readRange(document, checkpoint, size.units, signal);
    const readUntil = now();
    size.learn(units, readUntil - readFrom);

    const isLast = nextUnit > document.units;
    const { chunks, state } = chunkBlocks(checkpoint.chunker, blocks, count, { isLast });
    const language = checkpoint.language ?? languageOf(blocks, isLast);
    const saved = checkpoint;
    checkpoint = {
      ...checkpoint,
      nextUnit,
      isRead: isLast,
      chunker: state,
      language,
      pageCount: pageCountOf(document, checkpoint.pageCount, blocks),
      durations: { ...checkpoint.durations },
    };
    add(checkpoint, "extract", readUntil - readFrom);
    add(checkpoint, "chunk", now() - readUntil);

    const percent = Math.floor(((nextUnit - 1) / document.units) * READ_PERCENT);
    await save(store, chunks, { saved, checkpoint, percent });
  }
  await logReading(store, document, checkpoint);

  if (checkpoint.chunker.index === 0) {
    throw new DocumentError("document_empty", "There is no text in the file.");
  }
  return checkpoint;
}

/** The blocks of the next units; of more, at the beginning, as long as they do not tell a language. */
async function readRange(
  document: OpenDocument,
  { nextUnit, language }: Checkpoint,
  size: number,
  signal: AbortSignal,
): Promise<{ blocks: Block[]; nextUnit: number; units: number }> {
  const blocks: Block[] = [];
  let next = nextUnit;
  do {
    const to = Math.min(next + size - 1, document.units);
    blocks.push(...(await document.read(next, to, signal)));
    next = to + 1;
  } while (
    language === null &&
    nextUnit === 1 &&
    next <= Math.min(document.units, 10 * size) &&
    textOf(blocks).length < LANGUAGE_CHARACTERS
  );
  return { blocks, nextUnit: next, units: next - nextUnit };
}

/** Saves chunks in batches. All but the last leave the worker where it was: it would do them anew. */
async function save(
  store: MediaStore,
  chunks: readonly Chunk[],
  { saved, checkpoint, percent }: { saved: Checkpoint; checkpoint: Checkpoint; percent: number },
): Promise<void> {
  const language = checkpoint.language?.configuration ?? "simple";
  let from = 0;
  do {
    const batch = chunks.slice(from, from + BATCH_CHUNKS);
    const isLast = from + BATCH_CHUNKS >= chunks.length;
    await store.saveChunks(
      saved.chunker.index + from,
      batch.map((chunk) => toSaved(chunk, language)),
      isLast ? checkpoint : saved,
      percent,
    );
    from += BATCH_CHUNKS;
  } while (from < chunks.length);
}

function toSaved({ index: _, metadata, ...chunk }: Chunk, language: string): SavedChunk {
  return { ...chunk, language, metadata: { ...metadata } };
}

async function logReading(
  store: MediaStore,
  { units }: OpenDocument,
  { chunker, durations, language }: Checkpoint,
): Promise<void> {
  await store.log("extract", "completed", { units }, durations.extract);
  await store.log(
    "chunk",
    "completed",
    { chunks: chunker.index, language: language?.language ?? null },
    durations.chunk,
  );
}

function languageOf(blocks: readonly Block[], isLast: boolean): Language | null {
  const found = detectLanguage(textOf(blocks));
  return found.language !== null || isLast ? found : null;
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map(({ text }) => text).join("\n");
}

/** Pages and slides are the units of these formats; otherwise the last page that a block is on. */
function pageCountOf(
  { format, units, hasPages }: OpenDocument,
  before: number | null,
  blocks: readonly Block[],
): number | null {
  if (format === "pdf" || format === "pptx") {
    return units;
  }
  const pages = blocks.flatMap(({ page }) => page ?? []);
  return hasPages ? pages.reduce((most, page) => Math.max(most, page), before ?? 0) : null;
}

function add(
  { durations }: Checkpoint,
  step: keyof Checkpoint["durations"],
  elapsedMs: number,
): void {
  durations[step] = (durations[step] ?? 0) + Math.round(elapsedMs);
}
