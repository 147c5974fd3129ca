import type { Block } from "../documents/document.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Chunk } from "./chunk.ts";
import { type ChunkerState, type Piece, tokensOf } from "./chunker-state.ts";
import { overlapOf } from "./overlap.ts";
import { splitText, type TextPart } from "./split-text.ts";
import { storableText } from "./storable-text.ts";
import { tableHeader } from "./table-header.ts";
import { toChunk } from "./to-chunk.ts";

/** Sizes of chunks; the same for all blocks of a medium. */
export interface ChunkOptions {
  /** No chunk counts more. At least 32. */
  maxTokens?: number;
  /** How much of a chunk the next one begins with, at most. */
  overlapTokens?: number;
  /** Whether these are the medium's last blocks: what is open becomes a chunk. */
  isLast?: boolean;
}

/** Below this part of a chunk, what stands under a heading goes together with what follows. */
const TINY = 1 / 10;

/** From this part on, a chunk rather ends than has a paragraph cut apart. */
const FULL = 1 / 2;

/** Tokens that a text without the white space before it may count more. */
const SLACK = 2;

/** Most characters of a heading that a path keeps. */
const HEADING_CHARACTERS = 200;

/** Blocks of a medium's text are joined by an empty line. */
const GAP = "\n\n";

/**
 * Cuts the next blocks of a medium into chunks. Begin with `newChunkerState()`; how the blocks are
 * shared among calls makes no difference.
 *
 * A chunk does not reach across a heading of level 1 or 2 unless what it has is tiny, nor across
 * two tables; paragraphs are cut at sentences, and only when they must; rows after a cut are told
 * their columns again. Headings stay with what they head.
 */
export function chunkBlocks(
  state: ChunkerState,
  blocks: readonly Block[],
  count: CountTokens,
  options: ChunkOptions = {},
): { chunks: Chunk[]; state: ChunkerState } {
  const { maxTokens = 350, overlapTokens = 50, isLast = false } = options;
  const next = structuredClone(state);
  const chunks: Chunk[] = [];

  function add(block: Block): void {
    const text = storableText(block.text);
    const gap = next.offset === 0 ? "" : GAP;
    const start = next.offset - gap.length;
    next.offset += text.length + GAP.length;
    if (block.kind === "heading") {
      enterHeading(block.level ?? 1, text);
    } else if (block.kind === "table_row" && isOtherTable(next.open, block.columns)) {
      close();
    }
    place({
      text: gap + text,
      start,
      tokens: count(gap + text),
      page: block.page ?? null,
      kind: text.trim() === "" ? "text" : kinds[block.kind],
      headings: next.headings.map((heading) => heading.text),
      ...(block.kind === "table_row" ? { columns: block.columns ?? [] } : {}),
    });
  }

  function enterHeading(level: number, text: string): void {
    if (tokensOf(next.open) > maxTokens * (level <= 2 ? TINY : FULL)) {
      close();
    }
    next.headings = next.headings.filter((outer) => outer.level < level);
    const name = storableText(text.replace(/\s+/g, " ").trim().slice(0, HEADING_CHARACTERS));
    if (name) {
      next.headings.push({ level, text: name });
    }
  }

  function place(piece: Piece): void {
    const header = piece.columns ? tableHeader(piece.text, piece.columns, maxTokens, count) : null;
    const heads = tokensOf(next.open.slice(lastBody(next.open) + 1));
    const isFull = tokensOf(next.open) >= maxTokens * FULL;
    const moves = isFull && heads + piece.tokens <= maxTokens - SLACK;
    const isUncut = piece.kind === "row" || piece.kind === "heading";
    const limit = maxTokens - SLACK - (header?.tokens ?? 0);
    if (fits(piece, header) || ((moves || isUncut) && piece.tokens <= limit)) {
      push(piece, header);
      return;
    }
    let start = piece.start;
    for (const part of splitText(
      piece.text,
      piece.kind === "code" ? "code" : "text",
      limit,
      count,
    )) {
      push({ ...piece, ...part, start }, header);
      start += part.text.length;
    }
  }

  /** Adds what is no larger than a chunk to the open one or, where it does not fit, to a new one. */
  function push(piece: Piece, header: TextPart | null): void {
    if (!fits(piece, header)) {
      closeBefore(piece, header);
    }
    const isHeaded = header !== null && isFirstRow(piece);
    next.open.push(
      isHeaded ? { ...piece, header: header.text, tokens: piece.tokens + header.tokens } : piece,
    );
  }

  /** Headings at the end go to what they head; else the last sentences are said again. */
  function closeBefore(piece: Piece, header: TextPart | null): void {
    const end = lastBody(next.open) + 1;
    const hasBody = next.open.slice(0, end).some(({ isOverlap }) => !isOverlap);
    if (hasBody && end < next.open.length) {
      const heads = next.open.splice(end);
      close();
      next.open = heads;
    } else {
      const overlap = overlapOf(next.open, overlapTokens, count);
      close();
      next.open = overlap;
    }
    if (!fits(piece, header)) {
      close();
    }
  }

  /** Makes the open pieces a chunk, unless the one before has all of them. */
  function close(): void {
    const isNew = next.open.some(({ isOverlap }) => !isOverlap);
    const chunk = isNew ? toChunk(next.open, next.index, count) : null;
    if (chunk) {
      chunks.push(chunk);
      next.index += 1;
    }
    next.open = [];
  }

  /** Parts count about as much as the whole: near the limit, the whole is counted. */
  function fits(piece: Piece, header: TextPart | null): boolean {
    const shown = header && isFirstRow(piece) ? header : { text: "", tokens: 0 };
    const sum = tokensOf(next.open) + piece.tokens + shown.tokens;
    if (sum > maxTokens || sum + next.open.length + SLACK <= maxTokens) {
      return sum <= maxTokens;
    }
    const pieces = [...next.open, { ...piece, ...(shown.text ? { header: shown.text } : {}) }];
    return count(toChunk(pieces, 0, count)?.content ?? "") <= maxTokens;
  }

  function isFirstRow(piece: Piece): boolean {
    return piece.kind === "row" && !next.open.some(({ kind }) => kind === "row");
  }

  for (const block of blocks) {
    add(block);
  }
  if (isLast) {
    close();
  }
  return { chunks, state: next };
}

const kinds = {
  heading: "heading",
  paragraph: "text",
  list_item: "text",
  code: "code",
  table_row: "row",
} as const satisfies Record<Block["kind"], Piece["kind"]>;

/** Where the last piece is that is no heading; -1 when there is none. */
function lastBody(open: readonly Piece[]): number {
  return open.findLastIndex(({ kind }) => kind !== "heading");
}

function isOtherTable(open: readonly Piece[], columns: readonly string[] = []): boolean {
  const row = open.findLast(({ kind }) => kind === "row");
  return row !== undefined && JSON.stringify(row.columns ?? []) !== JSON.stringify(columns);
}
