import { cleanCode } from "./clean-text.ts";
import { decodeBytes } from "./decode-bytes.ts";
import type { Block, OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { joinLines } from "./join-lines.ts";
import { requireSize } from "./refusals.ts";

/** Of text; what it comes to is kept in memory. */
const MOST_MEGABYTES = 24;

/** Lines of at least so many characters were broken by a width, not by a meaning. */
const WRAPPED_FROM = 45;
const WRAPPED_TO = 110;

const HEADING_CHARACTERS = 80;

/** Opens plain text: paragraphs between empty lines, headings and lists as people type them. */
export const openPlainText: OpenFormat = async (bytes, { fileType, signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  const charset = /charset=["']?([\w:-]+)/i.exec(fileType)?.[1] ?? "";
  const text = cleanCode(decodeBytes(bytes, charset)).replaceAll("\f", "\n\n");
  signal.throwIfAborted();
  return documentOfBlocks("text", null, textBlocks(text));
};

function textBlocks(text: string): Block[] {
  // Every second part is the empty lines before the next paragraph.
  const parts = text.split(/\n((?:[^\S\n]*\n)+)/);
  return parts.flatMap((part, place) => {
    const emptyLines = parts[place - 1]?.split("\n").length ?? 0;
    return place % 2 === 0
      ? paragraphBlocks(part, emptyLines > 2, place === 0 && parts.length > 1)
      : [];
  });
}

/** `isApart`: there is more than one empty line before it. */
function paragraphBlocks(paragraph: string, isApart: boolean, isFirst: boolean): Block[] {
  const lines = paragraph.split("\n").filter((line) => line.trim() !== "");
  const [first = "", second = ""] = lines;
  if (/^\s*(={3,}|-{3,}|~{3,})\s*$/.test(second) && isShort(first)) {
    const level = second.trim().startsWith("=") ? 1 : 2;
    return [heading(first, level), ...paragraphBlocks(lines.slice(2).join("\n"), false, false)];
  }
  const level = lines.length === 1 ? headingLevel(first.trim(), isApart, isFirst) : null;
  if (level !== null) {
    return [heading(first, level)];
  }
  if (ITEM.test(first)) {
    return listItems(lines);
  }
  const text = isWrapped(lines) ? joinLines(lines) : lines.map((line) => line.trimEnd()).join("\n");
  return text.trim() === "" || /^[\s*_=~#-]+$/.test(text) ? [] : [{ kind: "paragraph", text }];
}

/** A sign or a number, and a blank. */
const ITEM = /^\s*([-*+•◦▪‣–]|\(?(\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s+\S/;

function listItems(lines: readonly string[]): Block[] {
  const items: string[][] = [];
  for (const line of lines) {
    if (ITEM.test(line)) {
      items.push([line]);
    } else {
      items.at(-1)?.push(line);
    }
  }
  return items.map((item) => ({ kind: "list_item", text: joinLines(item) }));
}

/**
 * The level of a heading that stands alone on its line, by its words, its capitals or the room
 * above it; null when it is none.
 */
function headingLevel(line: string, isApart: boolean, isFirst: boolean): number | null {
  if (!isShort(line) || /[.,;:!?。、！？]$/.test(line) || !/^[\p{Lu}\p{Lo}\p{N}§]/u.test(line)) {
    return null;
  }
  const outer =
    /^(book|part|volume|buch|teil|band|livre|partie|libro|parte)\s+([ivxlc]+|\d+|the)\b/i;
  const inner =
    /^(chapter|article|amendment|kapitel|artikel|chapitre|cap[ií]tulo)\s+([ivxlc]+|\d+)\b/i;
  if (isFirst || outer.test(line)) {
    return 1;
  }
  if (inner.test(line)) {
    return 2;
  }
  if (/^(section|abschnitt|§)\s*([ivxlc]+|\d+)\b/i.test(line)) {
    return 3;
  }
  const letters = line.replace(/\P{L}/gu, "");
  const isLoud = letters === letters.toUpperCase() && letters !== letters.toLowerCase();
  return letters.length >= 4 && (isLoud || isApart) ? 2 : null;
}

function heading(line: string, level: number): Block {
  return { kind: "heading", level, text: line.trim() };
}

function isShort(line: string): boolean {
  return line.trim().length <= HEADING_CHARACTERS;
}

function isWrapped(lines: readonly string[]): boolean {
  const lengths = lines.map((line) => line.trimEnd().length);
  return (
    lines.length > 1 &&
    lengths.every((length) => length <= WRAPPED_TO) &&
    lengths.slice(0, -1).every((length) => length >= WRAPPED_FROM)
  );
}
