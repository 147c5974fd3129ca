import type { Block } from "./document.ts";

/** Longer headers are said once, not with every part of the table. */
const MOST_HEADER_CHARACTERS = 2000;

/** A row of a table; `columns` only where the table has a header. */
export function tableRow(texts: readonly string[], columns?: string[]): Block {
  const end = texts.findLastIndex((text) => text !== "") + 1;
  const text = texts.slice(0, end).join(" | ");
  return columns ? { kind: "table_row", text, columns } : { kind: "table_row", text };
}

/** Whether a row may be its table's header: it says something, and not too much. */
export function isHeader(texts: readonly string[]): boolean {
  const length = texts.reduce((sum, text) => sum + text.length, 3 * texts.length);
  return texts.some((text) => text !== "") && length <= MOST_HEADER_CHARACTERS;
}

/** Whether the first row of a table reads like its header: a name over each column. */
export function looksLikeHeader(texts: readonly string[]): boolean {
  return (
    texts.length > 1 &&
    isHeader(texts) &&
    texts.every((text) => text !== "" && !/^[\p{Sc}+-]?\s*\d[\d\s.,:/%-]*\p{Sc}?$/u.test(text)) &&
    new Set(texts).size === texts.length
  );
}
