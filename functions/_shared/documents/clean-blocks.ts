import { cleanText } from "../tools/clean-document.ts";
import type { Block } from "./document.ts";

/** Letters that only typesetting joins; nobody searches for them. */
const LIGATURES: Readonly<Record<string, string>> = {
  "\ufb00": "ff",
  "\ufb01": "fi",
  "\ufb02": "fl",
  "\ufb03": "ffi",
  "\ufb04": "ffl",
  "\ufb05": "st",
  "\ufb06": "st",
};

/** Blocks without what PostgreSQL does not take, what nobody sees, and those that are left empty. */
export function cleanBlocks(blocks: readonly Block[]): Block[] {
  return blocks.flatMap((block) => {
    const text = clean(block.text);
    return text === ""
      ? []
      : [{ ...block, text, ...(block.columns ? { columns: block.columns.map(clean) } : {}) }];
  });
}

/** Most characters of a title that are kept: a document may say anything there. */
const MOST_TITLE = 300;

/** A document's own title on one line, and not longer than people write them; null for none. */
export function cleanTitle(title: string | null): string | null {
  const line = clean((title ?? "").slice(0, 10_000)).replace(/\s+/g, " ");
  return [...line].slice(0, MOST_TITLE).join("").trim() || null;
}

function clean(text: string): string {
  return (
    cleanText(text)
      .replace(/[\ufb00-\ufb06]/g, (letter) => LIGATURES[letter] ?? letter)
      // Soft hyphens, joiners without width, marks of byte order.
      .replace(/[\u00ad\u200b\u2060\ufeff]/g, "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "")
      .normalize("NFC")
      .trim()
  );
}
