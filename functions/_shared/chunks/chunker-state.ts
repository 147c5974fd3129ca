/**
 * What a chunker remembers between two calls. Plain JSON, so that it can wait in a checkpoint, and
 * never larger than a chunk and its headings.
 */
export interface ChunkerState {
  /** Where the next block begins in the medium's text. */
  offset: number;
  /** The number of the next chunk. */
  index: number;
  /** The headings in force. */
  headings: { level: number; text: string }[];
  /** What the next chunk holds so far; neighbours in the text. */
  open: Piece[];
}

/** A stretch of the text that stays together. */
export interface Piece {
  /** With the white space between it and the piece before it. */
  text: string;
  start: number;
  tokens: number;
  page: number | null;
  kind: "heading" | "text" | "code" | "row";
  headings: string[];
  columns?: string[];
  /** Whether the chunk before has it too. */
  isOverlap?: true;
}

/** How a chunker begins a medium. */
export function newChunkerState(): ChunkerState {
  return { offset: 0, index: 0, headings: [], open: [] };
}
