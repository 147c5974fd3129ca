import { DocumentError } from "./document.ts";

/** Of a part's markup: about 2,500 pages, or 80,000 rows of four cells. */
const MOST_PART_MEGABYTES = 16;

/** A file that opens, and says nothing. */
export function empty(): DocumentError {
  return new DocumentError("document_empty", "There is no text in the file.");
}

/** A file that is read, but not of this size; `limit` as in "16 MB". */
export function tooLarge(limit: string): DocumentError {
  return new DocumentError(
    "document_too_large",
    `The file is too large: its format is read up to ${limit}. Upload it in smaller parts.`,
  );
}

/** A file that nests its parts deeper than anybody writes. */
export function tooDeep(levels: number): DocumentError {
  return new DocumentError(
    "document_unsupported",
    `The parts of the file are nested more than ${levels.toLocaleString("en-US")} levels deep. Upload a simpler version of it.`,
  );
}

/** Refuses what would not fit into memory once it is parsed. */
export function requireSize(bytes: Uint8Array, megabytes: number, of = ""): void {
  if (bytes.length > megabytes * 1024 * 1024) {
    throw tooLarge(`${megabytes} MB${of}`);
  }
}

/** Refuses a part of an office document that would not fit into memory as a whole. */
export function requirePartSize(part: Uint8Array): void {
  requireSize(part, MOST_PART_MEGABYTES, " of unpacked text");
}
