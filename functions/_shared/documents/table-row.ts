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

/** Numbers, dates, amounts and shares are values, no names of columns. */
const VALUE = /^[\p{Sc}+-]?\s*\d[\d\s.,:/%-]*\p{Sc}?$/u;

/** Whether a row reads like a header: a name over each column but the first ones, none twice. */
export function looksLikeHeader(texts: readonly string[]): boolean {
  const names = texts.slice(texts.findIndex((text) => text !== ""));
  return (
    texts.length > 1 &&
    isHeader(texts) &&
    names.every((text) => text !== "" && !VALUE.test(text)) &&
    new Set(names).size === names.length
  );
}
