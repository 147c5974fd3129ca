import { visibleText } from "../mcp/visible-text.ts";

/**
 * A text that anyone may have written, as it is quoted to a model: without what a reader would not
 * see, without the marks that end a quotation, and with numbers in square brackets, which would be
 * taken for citations, in round ones.
 */
export function quote(text: string): string {
  return visibleText(text)
    .replace(/<(?=[\s/]*(?:passages|facts)\b)/gi, "‹")
    .replace(/\[(\s*\d+(?:\s*[-–,;]\s*\d+)*\s*)\]/g, "($1)");
}

/** Such a text on one line, cut to so many characters. */
export function quoteLine(text: string, most: number): string {
  const line = quote(text).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…` : line;
}
