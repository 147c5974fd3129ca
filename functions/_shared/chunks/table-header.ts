import type { CountTokens } from "../tokens/count-tokens.ts";
import type { TextPart } from "./split-text.ts";
import { storableText } from "./storable-text.ts";

/** Columns that take more of a chunk than this are not said again. */
const MOST = 1 / 4;

/** The columns, as they are said before a row; null where there are none or it says them itself. */
export function tableHeader(
  row: string,
  columns: readonly string[],
  maxTokens: number,
  count: CountTokens,
): TextPart | null {
  const names = columns.map((name) => storableText(name).replace(/\s+/g, " ").trim());
  const text = `${names.join(" | ")}\n`;
  const tokens = count(text);
  const isNeeded = names.some(Boolean) && tokens <= maxTokens * MOST && !saysThem(row, names);
  return isNeeded ? { text, tokens } : null;
}

/** Whether the row is the header itself, or names the column of each value. */
function saysThem(row: string, names: readonly string[]): boolean {
  const isHeader = letters(row) === letters(names.join(""));
  return isHeader || names.filter(Boolean).every((name) => row.includes(`${name}:`));
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, "");
}
