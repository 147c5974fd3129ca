/** About as much as is lexed at once: its time grows faster than its length. */
const PIECE_CHARACTERS = 8_000;
/** A piece without a gap is cut all the same. */
const MOST_CHARACTERS = 32_000;

/** Markdown in pieces that begin where a block begins: after an empty line, outside of code. */
export function markdownPieces(text: string): string[] {
  const pieces: string[] = [];
  let begin = 0;
  let fence = "";
  let wasEmpty = false;
  for (let place = 0; place < text.length; ) {
    const end = lineEnd(text, place);
    const line = text.slice(place, end);
    const length = place - begin;
    const isGap = fence === "" && wasEmpty && /^\S/.test(line) && length >= PIECE_CHARACTERS;
    if (isGap || length + line.length > MOST_CHARACTERS) {
      pieces.push(text.slice(begin, place));
      begin = place;
    }
    fence = fenceAfter(line, fence);
    wasEmpty = line.trim() === "";
    place = end;
  }
  pieces.push(text.slice(begin));
  return pieces.filter((piece) => piece.trim() !== "");
}

/** The end of the line with its break; a line that is too long ends where a piece has to. */
function lineEnd(text: string, place: number): number {
  const end = text.indexOf("\n", place) + 1 || text.length;
  return Math.min(end, place + MOST_CHARACTERS);
}

/** The fence that code is within after a line, or none. */
function fenceAfter(line: string, fence: string): string {
  const found = /^ {0,3}(`{3,}|~{3,})(.*)/.exec(line);
  const marks = found?.[1] ?? "";
  if (fence === "") {
    return marks;
  }
  return marks.startsWith(fence) && found?.[2]?.trim() === "" ? "" : fence;
}
