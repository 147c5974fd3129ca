/** A run of text as PDF.js hands it out. */
export interface TextRun {
  str: string;
  /** a b c d e f: where it stands, and how it is turned and scaled. */
  transform: number[];
  width: number;
  fontName: string;
}

/** One line of a page; lengths in points, from the top left corner. */
export interface Line {
  text: string;
  /** Its stretches between wide gaps. */
  cells: Cell[];
  left: number;
  right: number;
  /** Of the baseline; of the first one in a row of a table. */
  y: number;
  /** Of the last baseline. */
  bottom: number;
  size: number;
  /** The one font that it is set in, else null. */
  font: string | null;
}

export interface Cell {
  text: string;
  left: number;
  right: number;
}

/** Gaps, in heights of the letters: one that is a blank, and one between columns of a table. */
const BLANK = 0.15;
const WIDE = 1.6;

interface Run {
  text: string;
  x: number;
  y: number;
  width: number;
  size: number;
  font: string;
}

/**
 * Puts runs together to lines, in the order of the page's content. `toPage` is the transformation
 * to the upright page. Text that is turned, as stamps and watermarks are, is left out, unless there
 * is no other.
 */
export function toLines(items: readonly TextRun[], toPage: readonly number[]): Line[] {
  const runs = items.filter(({ str }) => str !== "").map((item) => toRun(item, toPage));
  const upright = runs.filter(({ isUpright }) => isUpright);
  const lines: Run[][] = [];
  for (const run of upright.length > 0 ? upright : runs) {
    const line = lines.at(-1);
    if (line && follows(line, run)) {
      line.push(run);
    } else if (run.text.trim() !== "") {
      lines.push([run]);
    }
  }
  return lines.map(toLine);
}

/** By how many degrees, a multiple of 90, most of a page's text is turned clockwise. */
export function turnOf(items: readonly TextRun[], toPage: readonly number[]): number {
  const [pa = 1, pb = 0, pc = 0, pd = -1] = toPage;
  const turns = new Map<number, number>([[0, 0]]);
  for (const { str, transform } of items) {
    const [a = 1, b = 0] = transform;
    const angle = Math.atan2(pb * a + pd * b, pa * a + pc * b);
    const turn = (Math.round((angle * 2) / Math.PI) * 90 + 360) % 360;
    turns.set(turn, (turns.get(turn) ?? 0) + str.length);
  }
  return mostOf(turns)[0];
}

function toRun(
  { str, transform, width, fontName }: TextRun,
  toPage: readonly number[],
): Run & { isUpright: boolean } {
  const [pa = 1, pb = 0, pc = 0, pd = -1, pe = 0, pf = 0] = toPage;
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = transform;
  const along = [pa * a + pc * b, pb * a + pd * b] as const;
  return {
    text: str,
    x: pa * e + pc * f + pe,
    y: pb * e + pd * f + pf,
    width,
    size: Math.hypot(pa * c + pc * d, pb * c + pd * d) || Math.hypot(...along),
    font: fontName,
    isUpright: Math.abs(along[1]) <= 0.02 * Math.hypot(...along) && along[0] > 0,
  };
}

function follows(line: readonly Run[], run: Run): boolean {
  const last = line.findLast(({ text }) => text.trim() !== "") ?? line[0];
  if (!last) {
    return false;
  }
  const size = Math.max(last.size, run.size);
  return Math.abs(run.y - last.y) <= 0.4 * size && run.x >= last.x + last.width - 0.6 * size;
}

function toLine(runs: readonly Run[]): Line {
  const cells: Cell[] = [];
  const sizes = new Map<number, number>();
  const fonts = new Map<string, number>();
  let letters = 0;
  for (const { text, x, width, size, font } of runs) {
    if (text.trim() === "") {
      continue;
    }
    const cell = cells.at(-1);
    const gap = cell ? x - cell.right : 0;
    if (cell && gap <= WIDE * size) {
      const isApart = gap > BLANK * size || /^\s/.test(text);
      cell.text =
        cell.text.trimEnd() + (isApart || /\s$/.test(cell.text) ? " " : "") + text.trimStart();
      cell.right = x + width;
    } else {
      cells.push({ text: text.trimStart(), left: x, right: x + width });
    }
    const weight = text.trim().length;
    letters += weight;
    sizes.set(size, (sizes.get(size) ?? 0) + weight);
    fonts.set(font, (fonts.get(font) ?? 0) + weight);
  }
  for (const cell of cells) {
    cell.text = cell.text.replace(/\s+/g, " ").trim();
  }
  const [font, weight] = mostOf(fonts);
  return {
    text: cells.map((cell) => cell.text).join(" "),
    cells,
    left: cells[0]?.left ?? 0,
    right: cells.at(-1)?.right ?? 0,
    y: runs[0]?.y ?? 0,
    bottom: runs[0]?.y ?? 0,
    size: Math.round(mostOf(sizes)[0] * 2) / 2,
    font: weight >= 0.9 * letters ? font : null,
  };
}

/** The key that weighs most, and its weight. */
export function mostOf<Key>(weights: ReadonlyMap<Key, number>): [Key, number] {
  return [...weights].reduce((most, each) => (each[1] > most[1] ? each : most));
}
