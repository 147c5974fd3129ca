import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Chunk, ChunkMetadata } from "./chunk.ts";
import type { Piece } from "./chunker-state.ts";

/** Makes a chunk of neighbouring pieces; nothing when they are blank. */
export function toChunk(pieces: readonly Piece[], index: number, count: CountTokens): Chunk | null {
  const whole = pieces.map(({ text }) => text).join("");
  const text = whole.trim();
  const first = pieces[0];
  if (!first || text === "") {
    return null;
  }
  const charStart = first.start + whole.indexOf(text);
  const inserted = insertion(pieces, charStart);
  const pages = pieces.flatMap(({ page }) => (page === null ? [] : [page]));
  const content = inserted
    ? text.slice(0, inserted.at) + inserted.header + text.slice(inserted.at)
    : text;
  return {
    index,
    content,
    heading_path: sharedHeadings(pieces),
    page: pages.length > 0 ? Math.min(...pages) : null,
    page_end: pages.length > 0 ? Math.max(...pages) : null,
    char_start: charStart,
    char_end: charStart + text.length,
    tokens: count(content),
    metadata: metadataOf(pieces, charStart, inserted),
  };
}

function insertion(pieces: readonly Piece[], charStart: number) {
  const row = pieces.find(({ header }) => header !== undefined);
  if (!row?.header) {
    return null;
  }
  const begins = row.start + row.text.length - row.text.trimStart().length;
  return { at: begins - charStart, header: row.header };
}

function metadataOf(
  pieces: readonly Piece[],
  charStart: number,
  inserted: { at: number; header: string } | null,
): ChunkMetadata {
  const columns = pieces.find((piece) => piece.columns)?.columns;
  const overlapping = pieces.findLast(({ isOverlap }) => isOverlap);
  const overlap = overlapping
    ? Math.max(0, overlapping.start + overlapping.text.length - charStart)
    : 0;
  return {
    ...(columns ? { columns } : {}),
    ...(inserted ? { inserted: { at: inserted.at, length: inserted.header.length } } : {}),
    ...(overlap > 0 ? { overlap } : {}),
  };
}

/**
 * The headings that all of the chunk stands under, but for small parts and headings themselves;
 * where there are none, those of its largest part.
 */
function sharedHeadings(pieces: readonly Piece[]): string[] {
  const own = pieces.filter(({ isOverlap }) => !isOverlap);
  const body = own.filter(({ kind, text }) => kind !== "heading" && text.trim() !== "");
  const parts = new Map<string, { path: string[]; tokens: number }>();
  for (const { headings: path, tokens } of body.length > 0 ? body : own.slice(-1)) {
    const key = JSON.stringify(path);
    parts.set(key, { path, tokens: tokens + (parts.get(key)?.tokens ?? 0) });
  }
  const [largest, ...smaller] = [...parts.values()].sort((a, b) => b.tokens - a.tokens);
  if (!largest) {
    return [];
  }
  const others = smaller.filter(({ tokens }) => tokens >= largest.tokens * SMALL);
  const end = largest.path.findIndex((name, at) => others.some(({ path }) => path[at] !== name));
  return end <= 0 ? largest.path : largest.path.slice(0, end);
}

/** What has less than this part of what a chunk's largest section has does not name the chunk. */
const SMALL = 1 / 4;
