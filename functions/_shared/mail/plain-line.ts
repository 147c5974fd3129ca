/**
 * A text of somebody's as one short line: without line breaks that would begin another header,
 * without characters that turn or hide what follows, and without the beginning of a link.
 */
export function plainLine(text: string, characters: number = 80): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll("://", " ")
    .trim();
  const letters = [...line];
  return letters.length > characters ? `${letters.slice(0, characters - 1).join("")}…` : line;
}
