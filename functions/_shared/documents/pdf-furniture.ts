import type { Line } from "./pdf-lines.ts";

/** How much of a page's height, at either end, is looked at, and how many lines there. */
const MARGIN = 0.15;
const MOST_LINES = 3;
/** How far apart, in points, lines of two pages may stand to be at the same place. */
const SAME_PLACE = 4;

/** From one line of a paragraph to the next, in sizes, at most. */
const PARAGRAPH_STEP = 1.45;

/** A page's lines and height. */
export interface PageLines {
  lines: Line[];
  height: number;
}

/**
 * A page's lines without running headers and footers: what stood at the same place on one of the
 * two pages before it already, its numbers apart, and numbers of pages. What is said but once, as a
 * letterhead on a first page, stays; so do headings, which may all begin their pages.
 */
export function withoutFurniture(
  page: PageLines,
  before: readonly PageLines[],
  after: readonly PageLines[],
  bodySize: number,
): Line[] {
  // The nearest page comes last before it, and first behind it.
  const earlier = before.toReversed().map(edges);
  const later = after.map(edges);
  const standsOn = (pages: readonly Line[][], line: Line) =>
    pages.some((others, place) => others.some((other) => isSame(line, other, place + 1, bodySize)));
  const isAlone = before.length === 0 && after.length === 0;
  const dropped = new Set<Line>();
  // From within outwards: what goes on in the text is text.
  const inwards = edges(page).toSorted((one, other) => depth(other, page) - depth(one, page));
  for (const line of inwards) {
    const isRepeated =
      standsOn(earlier, line) || (isCounter(line) && (isAlone || standsOn(later, line)));
    if (
      isRepeated &&
      !page.lines.some((other) => !dropped.has(other) && goesOn(line, other, page))
    ) {
      dropped.add(line);
    }
  }
  return page.lines.filter((line) => !dropped.has(line));
}

/** How far a line stands from the nearer end of its page. */
function depth({ y }: Line, { height }: PageLines): number {
  return Math.min(y, height - y);
}

/** Whether another line, further within the page, stands as near as those of one paragraph. */
function goesOn(line: Line, other: Line, page: PageLines): boolean {
  const step = Math.abs(other.y - line.y);
  return (
    other.size === line.size &&
    step > 0 &&
    step <= PARAGRAPH_STEP * line.size &&
    depth(other, page) > depth(line, page)
  );
}

function edges({ lines, height }: PageLines): Line[] {
  const top = lines
    .filter(({ y }) => y < height * MARGIN)
    .toSorted((one, other) => one.y - other.y);
  const bottom = lines
    .filter(({ y }) => y > height * (1 - MARGIN))
    .toSorted((one, other) => other.y - one.y);
  return [...top.slice(0, MOST_LINES), ...bottom.slice(0, MOST_LINES)];
}

/** `distance`: how many pages lie between the two, which is by what a page's number differs. */
function isSame(line: Line, other: Line, distance: number, bodySize: number): boolean {
  const isHeading = line.size > bodySize;
  return (
    Math.abs(line.y - other.y) <= SAME_PLACE &&
    (isHeading
      ? line.text === other.text
      : pattern(line) === pattern(other) && isCounted(line, other, distance))
  );
}

/** Whether numbers that differ count pages: those of letters or forms differ otherwise. */
function isCounted(line: Line, other: Line, distance: number): boolean {
  const numbers = numbersOf(line);
  return numbersOf(other).every((number, place) => {
    const step = Math.abs(number - (numbers[place] ?? 0));
    return step === 0 || step === distance;
  });
}

function numbersOf({ text }: Line): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** A line's text with its numbers, in figures or Roman, all the same. */
function pattern({ text }: Line): string {
  return text
    .toLowerCase()
    .replace(/\d+/g, "#")
    .replace(/^[ivxlc]+$/, "#");
}

/** Whether a line only counts pages, in any of several languages. */
function isCounter(line: Line): boolean {
  const rest = pattern(line).replace(
    /\b(page|pages|of|seite|seiten|von|p(ag)?\.?|página|de|pagina|di|sur|strana|z)\b|第|頁|页|#|[\s./|–—-]/g,
    "",
  );
  return pattern(line).includes("#") && rest === "";
}
