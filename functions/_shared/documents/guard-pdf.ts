import { DocumentError } from "./document.ts";

/** What one packed stream that is no image may unpack to: it is parsed as a whole. */
const MOST_BYTES = 48 * 1024 * 1024;
/** What all of them may unpack to. */
const MOST_TOTAL_BYTES = 512 * 1024 * 1024;
/** DEFLATE packs at most so much: smaller streams cannot exceed the limit. */
const MOST_RATIO = 1032;
/** What is unpacked at once, packed. */
const PIECE_BYTES = 8 * 1024;
/** How far before a stream its dictionary is looked for. */
const DICTIONARY_BYTES = 2048;

/**
 * Refuses a PDF whose streams unpack to more than any page needs: PDF.js unpacks whatever a page
 * names, and keeps it whole. Images are left to its own limit.
 */
export async function guardPdf(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  let total = 0;
  for (const { start, end, filters } of packedStreams(bytes)) {
    signal.throwIfAborted();
    if (filters > 1) {
      throw tooLarge(); // packed twice, which only serves to hide how much it is
    }
    const isHarmless = (end - start) * MOST_RATIO <= MOST_BYTES;
    total += isHarmless ? 0 : await unpackedLength(bytes.subarray(start, end));
    if (total > MOST_TOTAL_BYTES) {
      throw tooLarge();
    }
  }
}

function* packedStreams(
  bytes: Uint8Array,
): Generator<{ start: number; end: number; filters: number }> {
  const latin = new TextDecoder("latin1");
  let at = indexOf(bytes, "stream", 0);
  while (at !== -1) {
    const before = latin.decode(bytes.subarray(Math.max(at - DICTIONARY_BYTES, 0), at));
    const dictionary = before.slice(before.lastIndexOf(" obj"));
    const start = at + "stream".length;
    const end = indexOf(bytes, "endstream", start);
    if (!dictionary.trimEnd().endsWith(">>")) {
      at = indexOf(bytes, "stream", start);
      continue;
    }
    const filters = dictionary.match(/\/(FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g);
    const isImage = /\/Subtype\s*\/Image\b/.test(dictionary);
    if (filters && !isImage) {
      yield { start, end: end === -1 ? bytes.length : end, filters: filters.length };
    }
    at = end === -1 ? -1 : indexOf(bytes, "stream", end + "endstream".length);
  }
}

async function unpackedLength(packed: Uint8Array): Promise<number> {
  let at = packed[0] === 0x0d ? 2 : 1; // the end of the line of "stream"
  // In small pieces: what one of them unpacks to may come at once.
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(new Uint8Array(packed.subarray(at, at + PIECE_BYTES)));
      at += PIECE_BYTES;
      if (at >= packed.length) {
        controller.close();
      }
    },
  });
  const reader = pieces.pipeThrough(new DecompressionStream("deflate")).getReader();
  let length = 0;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      length += piece.value.byteLength;
      if (length > MOST_BYTES) {
        throw tooLarge();
      }
    }
  } catch (error) {
    if (error instanceof DocumentError) {
      throw error;
    }
    // Not packed so, damaged, or with a line end behind it: as far as it goes, it was counted.
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return length;
}

function indexOf(bytes: Uint8Array, word: string, from: number): number {
  const first = word.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < word.length && bytes[at + matched] === word.charCodeAt(matched)) {
      matched += 1;
    }
    if (matched === word.length) {
      return at;
    }
  }
  return -1;
}

function tooLarge(): DocumentError {
  return new DocumentError(
    "document_too_large",
    "The PDF unpacks to far more than its size, more than is read. Print it to a new PDF and upload that.",
  );
}
