import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Piece } from "./chunker-state.ts";
import { splitText, type TextPart, wordRuns } from "./split-text.ts";

/**
 * What the next chunk begins with: the last sentences of this one, at most `limit` tokens; of a
 * sentence that is longer, its last words. Nothing where the chunk ends with rows or a heading.
 */
export function overlapOf(pieces: readonly Piece[], limit: number, count: CountTokens): Piece[] {
  const overlap: Piece[] = [];
  let room = limit;
  for (const piece of [...pieces].reverse()) {
    if (piece.isOverlap || (piece.kind !== "text" && piece.kind !== "code")) {
      break;
    }
    if (piece.tokens <= room) {
      overlap.unshift({ ...piece, isOverlap: true });
      room -= piece.tokens;
      continue;
    }
    const end = endOf(piece, room, overlap.length === 0, count);
    if (end) {
      overlap.unshift(end);
    }
    break;
  }
  return overlap;
}

/** The last sentences of a piece that fit; where none does and one is needed, its last words. */
function endOf(
  piece: Piece,
  room: number,
  isNeeded: boolean,
  count: CountTokens,
): Piece | undefined {
  const kind = piece.kind === "code" ? "code" : "text";
  const sentences = lastWithin(splitText(piece.text, kind, Number.POSITIVE_INFINITY, count), room);
  const isBlank = sentences.text.trim() === "";
  const { text, tokens } = isBlank && isNeeded ? lastWords(piece, room, count) : sentences;
  const start = piece.start + piece.text.length - text.length;
  return text.trim() === "" ? undefined : { ...piece, text, tokens, start, isOverlap: true };
}

/** Fine runs, so that the last ones together come close to the room there is. */
function lastWords(piece: Piece, room: number, count: CountTokens): TextPart {
  const runs = wordRuns(piece.text.slice(-MOST_CHARACTERS), Math.max(1, room / 8), count);
  return lastWithin(runs.slice(1), room);
}

/** More is not looked at for the last words of a sentence. */
const MOST_CHARACTERS = 1_000;

function lastWithin(parts: readonly TextPart[], room: number): TextPart {
  let end: TextPart = { text: "", tokens: 0 };
  for (const part of [...parts].reverse()) {
    if (end.tokens + part.tokens > room) {
      break;
    }
    end = { text: part.text + end.text, tokens: part.tokens + end.tokens };
  }
  return end;
}
