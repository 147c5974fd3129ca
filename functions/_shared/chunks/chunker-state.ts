/**
 * What a chunker remembers between two calls. Plain JSON, so that it can wait in a checkpoint, and
 * never larger than a chunk and its headings.
 */
export interface ChunkerState {
  /** Where the next block begins in the medium's text. */
  offset: number;
  /** The number of the next chunk. */
  index: number;
  /** The headings in force, outermost first. */
  headings: { level: number; text: string }[];
  /** What the next chunk holds so far: stretches that follow each other in the text. */
  open: Piece[];
}

/** A stretch of the text that stays together. */
export interface Piece {
  /** With the white space between it and the stretch before it. */
  text: string;
  start: number;
  /** Of its text and, if it brings one, its header. */
  tokens: number;
  page: number | null;
  kind: "heading" | "text" | "code" | "row";
  /** Those it stands under, outermost first. */
  headings: string[];
  /** Of a row: the columns of its table. */
  columns?: string[];
  /** Of a chunk's first row: its columns, to be said before it. */
  header?: string;
  /** Whether the chunk before ends with it. */
  isOverlap?: true;
}

/** How a chunker begins a medium. */
export function newChunkerState(): ChunkerState {
  return { offset: 0, index: 0, headings: [], open: [] };
}

/** How many tokens pieces have together. */
export function tokensOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}
