import type { Block } from "./document.ts";
import type { Cell, Line } from "./pdf-lines.ts";
import { tableRow } from "./table-row.ts";

/** How far apart, in points, the edges of cells may be to be of one column. */
const SAME_EDGE = 4;
/** Fewer rows make no table: two things merely stand beside each other. */
const FEWEST_ROWS = 3;

/**
 * The table that begins at a line: lines of several cells, each beneath one of the line before. Its
 * first row names the columns when it is set otherwise than the rest, or is the only one without
 * figures. Null when there is no table.
 */
export function takeTable(
  lines: readonly Line[],
  at: number,
  bodyFont: string | null,
): { rows: Block[]; next: number } | null {
  let next = at;
  while (
    next < lines.length &&
    isRow(lines[next] as Line, next > at ? lines[next - 1] : undefined)
  ) {
    next += 1;
  }
  if (next - at < FEWEST_ROWS) {
    return null;
  }
  const rows = lines.slice(at, next);
  const [first, ...rest] = rows as [Line, ...Line[]];
  const columns = namesColumns(first, rest, bodyFont) ? textsOf(first) : undefined;
  return {
    rows: (columns ? rest : rows).map((row) => tableRow(cellsBy(row, first), columns)),
    next,
  };
}

function isRow(line: Line, above: Line | undefined): boolean {
  if (line.cells.length < 2) {
    return false;
  }
  if (!above) {
    return true;
  }
  const step = line.y - above.bottom;
  const shared = line.cells.filter((cell) => above.cells.some((other) => isBeneath(cell, other)));
  return step > 0 && step < 4 * line.size && (shared.length >= 2 || isInOrder(line, above));
}

/** Whether each cell stands between the neighbours of the one above: names over figures. */
function isInOrder({ cells }: Line, above: Line): boolean {
  return (
    cells.length >= 3 &&
    cells.length === above.cells.length &&
    cells.every(
      ({ left, right }, place) =>
        left > (above.cells[place - 1]?.right ?? -Infinity) - SAME_EDGE &&
        right < (above.cells[place + 1]?.left ?? Infinity) + SAME_EDGE,
    )
  );
}

/** Texts begin beneath each other, figures end so. */
function isBeneath(cell: Cell, other: Cell): boolean {
  const middle = (cell.left + cell.right - other.left - other.right) / 2;
  return [cell.left - other.left, cell.right - other.right, middle].some(
    (apart) => Math.abs(apart) <= SAME_EDGE,
  );
}

function namesColumns(first: Line, rest: readonly Line[], bodyFont: string | null): boolean {
  if (
    first.font !== null &&
    first.font !== bodyFont &&
    rest.every(({ font }) => font !== first.font)
  ) {
    return true;
  }
  return !/\d/.test(first.text) && rest.every(({ text }) => /\d/.test(text));
}

/** A row's texts by the columns of the first row; a column that it leaves out is empty. */
function cellsBy(row: Line, first: Line): string[] {
  if (row.cells.length === first.cells.length) {
    return textsOf(row);
  }
  const texts = first.cells.map(() => "");
  for (const cell of row.cells) {
    const exact = first.cells.findIndex((other) => isBeneath(cell, other));
    const place =
      exact === -1
        ? Math.max(
            first.cells.findLastIndex(({ left }) => left <= cell.right),
            0,
          )
        : exact;
    texts[place] = `${texts[place]} ${cell.text}`.trim();
  }
  return texts;
}

function textsOf({ cells }: Line): string[] {
  return cells.map(({ text }) => text);
}
