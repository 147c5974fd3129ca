import type { Cell, Line } from "./pdf-lines.ts";

/** Most lines within a row of a table; what is longer are columns of text. */
const MOST_LINES = 12;
/** How far apart, in points, two left edges may be to be one. */
const SAME_EDGE = 4;

/**
 * Puts the rows of tables back together: programs write them cell by cell, so that after a cell of
 * several lines the next one begins further up, to the right.
 */
export function toRows(lines: readonly Line[]): Line[] {
  const rows: Line[] = [];
  for (let at = 0; at < lines.length; ) {
    const row = takeRow(lines, at);
    rows.push(row?.line ?? (lines[at] as Line));
    at = row?.next ?? at + 1;
  }
  return rows;
}

function takeRow(lines: readonly Line[], at: number): { line: Line; next: number } | null {
  const first = lines[at] as Line;
  const cells = first.cells.map((cell) => ({ ...cell }));
  const isOneFont = { font: first.font };
  let bottom = first.y;
  let isRow = false;
  let next = at + 1;
  for (; next < Math.min(at + MOST_LINES * cells.length + 1, lines.length); next += 1) {
    const line = lines[next] as Line;
    const before = lines[next - 1] as Line;
    const last = cells.at(-1) as Cell;
    if (isBeside(line, before, last, first)) {
      cells.push(...line.cells.map((cell) => ({ ...cell })));
      isRow = true;
    } else if (goesOn(line, before, last)) {
      last.text = `${last.text} ${line.text}`;
      last.right = Math.max(last.right, line.right);
      isRow ||= cells.length > 1;
    } else {
      break;
    }
    isOneFont.font = line.font === isOneFont.font ? line.font : null;
    bottom = Math.max(bottom, line.y);
  }
  if (!isRow) {
    return null;
  }
  const text = cells.map((cell) => cell.text).join(" ");
  const right = Math.max(...cells.map((cell) => cell.right));
  return { line: { ...first, ...isOneFont, cells, text, right, bottom }, next };
}

function isBeside(line: Line, before: Line, last: Cell, first: Line): boolean {
  return (
    line.left >= last.right - SAME_EDGE &&
    line.y <= before.y + 0.5 * line.size &&
    line.y >= first.y - 0.5 * line.size
  );
}

function goesOn(line: Line, before: Line, last: Cell): boolean {
  const step = line.y - before.y;
  return (
    line.cells.length === 1 &&
    line.size === before.size &&
    step > 0 &&
    step <= 1.5 * line.size &&
    Math.abs(line.left - last.left) <= SAME_EDGE
  );
}
