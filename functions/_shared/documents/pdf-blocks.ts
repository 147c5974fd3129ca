import type { Block } from "./document.ts";
import { joinLines } from "./join-lines.ts";
import { type Line, mostOf } from "./pdf-lines.ts";
import { toRows } from "./pdf-rows.ts";
import { takeTable } from "./pdf-table.ts";
import { levelOfSize, type Typography } from "./pdf-typography.ts";

/** What tells the structure of a page: how the document is set, and its outline. */
export interface PageStructure {
  typography: Typography;
  /** Levels of the outline's entries by their text, as `outlineKey` writes it. */
  outline: ReadonlyMap<string, number>;
}

/** Most characters and lines of a heading; what is longer is text that is set large. */
const HEADING_CHARACTERS = 200;
const HEADING_LINES = 4;
/** What more than the leading, in parts of it, sets a paragraph apart. */
const PARAGRAPH_GAP = 1.2;
/** The indentation of a paragraph's first line, in sizes. */
const INDENT = 0.8;
const MOST_INDENT = 4;
/** A line that ends so much of the width early is the last of its paragraph. */
const SHORT = 0.2;

const ITEM = /^([•◦▪▫‣⁃∙●○■□–—*·-]|\(?(\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s+\S/;

/** The blocks of a page whose running headers and footers are gone. */
export function pageBlocks(
  pageLines: readonly Line[],
  page: number,
  structure: PageStructure,
): Block[] {
  const lines = toRows(pageLines);
  const body = new BodyText(lines, structure.typography);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const table = takeTable(lines, at, body.font);
    if (table) {
      blocks.push(...table.rows.map((row) => ({ ...row, page })));
      at = table.next;
      continue;
    }
    const heading = takeHeading(lines, at, structure, body);
    if (heading) {
      blocks.push({ kind: "heading", level: heading.level, text: heading.text, page });
      at = heading.next;
      continue;
    }
    const next = paragraphEnd(lines, at, structure, body);
    const text = withoutLeaders(joinLines(textsOf(lines, at, next), body.words));
    blocks.push({ kind: ITEM.test(text) ? "list_item" : "paragraph", text, page });
    at = next;
  }
  return blocks;
}

/** A heading's text as it is looked up in the outline. */
export function outlineKey(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** What the running text of a page looks like. */
class BodyText {
  /** The font of most of it. */
  readonly font: string | null;
  readonly left: number;
  readonly right: number;
  /** What words the page has, to tell which hyphens belong. */
  readonly words: ReadonlySet<string>;

  constructor(
    lines: readonly Line[],
    readonly typography: Typography,
  ) {
    const body = lines.filter(({ size }) => size === typography.bodySize);
    const fonts = new Map<string | null, number>([[null, 0]]);
    for (const { font, text } of body) {
      fonts.set(font, (fonts.get(font) ?? 0) + text.length);
    }
    this.font = mostOf(fonts)[0];
    const edges = new Map<number, number>([[0, 0]]);
    for (const { left } of body) {
      edges.set(Math.round(left), (edges.get(Math.round(left)) ?? 0) + 1);
    }
    this.left = mostOf(edges)[0];
    this.right = body.reduce((most, { right }) => Math.max(most, right), 0);
    this.words = new Set(
      lines.flatMap(({ text }) => text.toLowerCase().match(/\p{L}+(?:[-\u2010]\p{L}+)*/gu) ?? []),
    );
  }

  /** Whether a line begins as the first one of a paragraph does. */
  isIndented({ left, size }: Line): boolean {
    const indent = (left - this.left) / size;
    return indent > INDENT && indent < MOST_INDENT;
  }
}

function takeHeading(
  lines: readonly Line[],
  at: number,
  { typography, outline }: PageStructure,
  body: BodyText,
): { level: number; text: string; next: number } | null {
  const first = lines[at] as Line;
  for (let next = at + 1; next <= Math.min(at + HEADING_LINES, lines.length); next += 1) {
    const level = outline.get(outlineKey(textsOf(lines, at, next).join(" ")));
    if (level !== undefined) {
      return { level, text: joinLines(textsOf(lines, at, next), body.words), next };
    }
    if (!isSameHeading(lines[next - 1] as Line, lines[next])) {
      break;
    }
  }
  const level = levelOfSize(first.size, typography) ?? levelOfFont(lines, at, typography, body);
  if (level === null || !/\p{L}/u.test(first.text)) {
    return null;
  }
  let next = at + 1;
  while (next - at <= HEADING_LINES && isSameHeading(lines[next - 1] as Line, lines[next])) {
    next += 1;
  }
  const text = joinLines(textsOf(lines, at, next), body.words);
  return next - at > HEADING_LINES || text.length > HEADING_CHARACTERS || isListed(text)
    ? null
    : { level, text, next };
}

/** A short line in a font of its own, set apart: what people make of bold letters. */
function levelOfFont(
  lines: readonly Line[],
  at: number,
  typography: Typography,
  body: BodyText,
): number | null {
  const line = lines[at] as Line;
  const before = lines[at - 1];
  const after = lines[at + 1];
  const isApart =
    !before || line.y < before.y || line.y - before.bottom > gapOf(line, typography) * line.size;
  const isShort = line.right - line.left < 0.8 * (body.right - body.left) && line.text.length <= 80;
  return line.size >= typography.bodySize &&
    line.font !== null &&
    body.font !== null &&
    line.font !== body.font &&
    isApart &&
    isShort &&
    line.cells.length === 1 &&
    after?.font !== line.font &&
    after !== undefined &&
    /^[\p{Lu}\p{N}\p{Lo}§]/u.test(line.text) &&
    /[\p{L}]{2}/u.test(line.text) &&
    !/[.,;:!]$/.test(line.text)
    ? Math.min(typography.headingSizes.length + 1, 6)
    : null;
}

function isSameHeading(line: Line, next: Line | undefined): boolean {
  const step = next ? next.y - line.bottom : 0;
  return (
    next !== undefined &&
    next.size === line.size &&
    next.font === line.font &&
    step > 0 &&
    step <= 1.6 * line.size
  );
}

/** Where the paragraph that begins at `at` is over. */
function paragraphEnd(
  lines: readonly Line[],
  at: number,
  structure: PageStructure,
  body: BodyText,
): number {
  let next = at + 1;
  while (next < lines.length && goesOn(lines, at, next, structure.typography, body)) {
    if (takeHeading(lines, next, structure, body) || takeTable(lines, next, body.font)) {
      break;
    }
    next += 1;
  }
  return next;
}

function goesOn(
  lines: readonly Line[],
  at: number,
  next: number,
  typography: Typography,
  body: BodyText,
): boolean {
  const before = lines[next - 1] as Line;
  const line = lines[next] as Line;
  if (Math.abs(line.size - before.size) > 1 || ITEM.test(line.text)) {
    return false;
  }
  const step = line.y - before.bottom;
  if (step <= 0) {
    // At the top of the next column, a sentence may go on.
    return line.left > before.left && !endsSentence(before.text) && /^\p{Ll}/u.test(line.text);
  }
  if (step > gapOf(line, typography) * line.size) {
    return false;
  }
  const isItem = ITEM.test((lines[at] as Line).text);
  const isIndented = line.left - before.left > INDENT * line.size;
  const isIndentedToo = next === at + 1 && body.isIndented(line) && body.isIndented(before);
  const isShort = body.right - before.right > SHORT * (body.right - body.left);
  if (isItem && next === at + 1) {
    return isIndented || !isShort;
  }
  if (
    (isIndented && (isShort || endsSentence(before.text))) ||
    (isIndentedToo && endsSentence(before.text))
  ) {
    return false;
  }
  return !(isShort && endsSentence(before.text) && /^[\p{Lu}\p{N}"“„«(]/u.test(line.text));
}

function gapOf({ size }: Line, { leading, bodySize }: Typography): number {
  // Small print is often set more openly than its size asks for.
  return Math.max(leading, 1.15) * PARAGRAPH_GAP * (size < bodySize ? 1.15 : 1);
}

function endsSentence(text: string): boolean {
  return /[.!?:;…。！？]["”’»)\]]*$/.test(text);
}

/** Whether a line is one of a table of contents. */
function isListed(text: string): boolean {
  return /(\s?\.){4,}/.test(text);
}

function withoutLeaders(text: string): string {
  return text.replace(/\s*(\.\s?){5,}/g, " … ");
}

function textsOf(lines: readonly Line[], from: number, to: number): string[] {
  return lines.slice(from, to).map(({ text }) => text);
}
