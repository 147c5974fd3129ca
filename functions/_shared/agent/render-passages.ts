import type { KnowledgePassage } from "../../../types/schemas.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import { fitText } from "../tokens/fit-text.ts";
import { quote, quoteLine } from "./quote.ts";
import type { Sources } from "./sources.ts";

/** A shortened passage with fewer tokens than this says too little to be worth its place. */
const LEAST_TOKENS = 50;
/** Tokens between two passages. */
const BETWEEN = 2;

/**
 * Passages as a model is shown them, the best first, each under its number with medium and place;
 * as many as fit whole, or the beginning and the end of the first. Those are given to `sources`.
 */
export function renderPassages(
  passages: readonly KnowledgePassage[],
  sources: Sources,
  limit: number,
  count: CountTokens,
): string {
  const shown: string[] = [];
  let room = limit;
  for (const passage of passages) {
    const whole = `[${sources.numberOf(passage)}] ${placeOf(passage)}\n${quote(passage.content)}`;
    let text = count(whole) + BETWEEN <= room ? whole : "";
    if (text === "" && shown.length === 0 && room >= LEAST_TOKENS) {
      text = fitText(whole, room - BETWEEN, count);
    }
    if (text !== "") {
      sources.give(passage);
      shown.push(text);
      room -= count(text) + BETWEEN;
    }
  }
  return shown.join("\n\n");
}

/** Where a passage stands, for people and models: `Handbook, page 2 (Leave › Holidays)`. */
function placeOf({ display_name, page, page_end, heading_path }: KnowledgePassage): string {
  const pages =
    page === null
      ? ""
      : page_end !== null && page_end > page
        ? `, pages ${page}–${page_end}`
        : `, page ${page}`;
  const headings = quoteLine(heading_path.join(" › "), 200);
  return `${quoteLine(display_name, 150)}${pages}${headings ? ` (${headings})` : ""}`;
}
