import { configure, type Entry, type FileEntry, Uint8ArrayReader, ZipReader } from "@zip.js/zip.js";
import { decodeBytes } from "./decode-bytes.ts";
import { DocumentError } from "./document.ts";

configure({ useWebWorkers: false });

/** More than any document has; each is a record to keep in memory. */
const MOST_MEMBERS = 10_000;
/** What all members together may unpack to. */
const MOST_BYTES = 256 * 1024 * 1024;
/** What one member of markup may unpack to: parsing takes several times its length. */
const MOST_MARKUP_BYTES = 48 * 1024 * 1024;
/** Beyond the first megabyte, text packs to a hundredth at most; DEFLATE could reach 1:1032. */
const MOST_RATIO = 250;
const RATIO_FROM_BYTES = 4 * 1024 * 1024;

/** The members of a zip file, which is what office documents are. Its promises are not trusted. */
export interface ZipMembers {
  /** In the order of the archive. */
  names: string[];
  has: (name: string) => boolean;
  /** A member's bytes. Throws a `DocumentError` when there is none, or it is damaged or too large. */
  bytes: (name: string, signal: AbortSignal) => Promise<Uint8Array>;
  /** A member as text, decoded by its byte order mark or as what it looks like. */
  text: (name: string, signal: AbortSignal) => Promise<string>;
  /** Unpacks every member once without keeping it, so that a library may unpack it again. */
  check: (signal: AbortSignal) => Promise<void>;
}

/**
 * Opens a zip file and refuses one that unpacks to too much, by what it declares here and by what
 * it really holds wherever it is unpacked. Archives within it stay packed.
 */
export async function openZip(bytes: Uint8Array): Promise<ZipMembers> {
  const entries = await listEntries(bytes);

  async function unpack(entry: FileEntry, take: (piece: Uint8Array) => void, signal: AbortSignal) {
    let length = 0;
    let reason: unknown;
    const sink = new WritableStream<Uint8Array>({
      write(piece) {
        length += piece.byteLength;
        if (length > entry.uncompressedSize || length > limitOf(entry.filename)) {
          reason = tooLarge();
          throw reason;
        }
        take(piece);
      },
    });
    try {
      await entry.getData(sink, { useWebWorkers: false, checkCrc32: true, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw reason ?? broken(error);
    }
  }

  async function read(name: string, signal: AbortSignal): Promise<Uint8Array> {
    const entry = entries.get(name);
    if (!entry) {
      throw broken(new Error(`It has no member ${name}`));
    }
    const whole = new Uint8Array(entry.uncompressedSize);
    let place = 0;
    await unpack(
      entry,
      (piece) => {
        whole.set(piece, place);
        place += piece.byteLength;
      },
      signal,
    );
    return whole.subarray(0, place);
  }

  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    bytes: read,
    text: async (name, signal) => decodeBytes(await read(name, signal)),
    check: async (signal) => {
      for (const entry of entries.values()) {
        await unpack(entry, () => {}, signal);
      }
    },
  };
}

async function listEntries(bytes: Uint8Array): Promise<Map<string, FileEntry>> {
  const found = new Map<string, FileEntry>();
  let total = 0;
  const reader = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false });
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory) {
        continue;
      }
      total += entry.uncompressedSize;
      checkEntry(entry, total, found.size + 1);
      if (found.has(entry.filename)) {
        throw broken(new Error("It holds a member twice"));
      }
      found.set(entry.filename, entry as FileEntry);
    }
  } catch (error) {
    throw error instanceof DocumentError ? error : broken(error);
  }
  return found;
}

function checkEntry(entry: Entry, total: number, count: number): void {
  if (entry.encrypted) {
    throw new DocumentError(
      "document_encrypted",
      "The file is protected by a password. Remove the password and upload it again.",
    );
  }
  const { uncompressedSize, compressedSize, filename } = entry;
  const isBomb =
    uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > compressedSize * MOST_RATIO;
  if (
    isBomb ||
    count > MOST_MEMBERS ||
    total > MOST_BYTES ||
    uncompressedSize > limitOf(filename)
  ) {
    throw tooLarge();
  }
}

function limitOf(name: string): number {
  return /\.(xml|rels|vml|x?html?)$/i.test(name) ? MOST_MARKUP_BYTES : MOST_BYTES;
}

function tooLarge(): DocumentError {
  return new DocumentError(
    "document_too_large",
    "The file unpacks to far more than its size, more than is read. Upload it in smaller parts.",
  );
}

function broken(cause: unknown): DocumentError {
  return new DocumentError(
    "document_broken",
    "The file is damaged and cannot be opened. Open it in the program it was made with, save it anew and upload that.",
    { cause },
  );
}
