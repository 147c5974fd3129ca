import type { CountTokens } from "./count-tokens.ts";

/** Says that the middle of a text was left out. */
const GAP = "\n[… shortened …]\n";

/** The beginning and the end of a text within so many tokens; the whole text if it fits. */
export function fitText(text: string, limit: number, count: CountTokens): string {
  if (count(text) <= limit) {
    return text;
  }
  const room = limit - count(GAP);
  if (room <= 0) {
    return "";
  }
  let low = 0;
  let high = text.length;
  while (low < high) {
    const kept = Math.ceil((low + high) / 2);
    if (count(ends(text, kept)) <= limit) {
      low = kept;
    } else {
      high = kept - 1;
    }
  }
  return low === 0 ? "" : ends(text, low);
}

function ends(text: string, kept: number): string {
  const tail = Math.floor(kept / 3);
  const head = text.slice(0, kept - tail).replace(/[\ud800-\udbff]$/, "");
  return head + GAP + text.slice(text.length - tail).replace(/^[\udc00-\udfff]/, "");
}
