/** Stands for a line break that is meant, while those of the source are only white space. */
export const LINE_BREAK = "\u2028";

/** A text whose white space is only white space: one line, or several where a break is meant. */
export function cleanLine(text: string): string {
  return text
    .replace(/[^\S\u2028]+/g, " ")
    .replace(/ ?\u2028 ?/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

/** A text whose white space is part of it. */
export function cleanCode(text: string): string {
  return text
    .replace(/\u2028|\r\n?/g, "\n")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd();
}
