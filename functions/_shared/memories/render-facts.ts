import type { RecalledMemory } from "../../../types/schemas.ts";
import { quoteLine } from "../agent/quote.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";

/** Surer than this, a fact is told without saying so. */
const SURE = 0.5;

/** Facts as a list, one a line; the newest are kept where not all fit. */
export function renderFacts(
  facts: readonly RecalledMemory[],
  limit: number,
  count: CountTokens,
): string {
  const lines: string[] = [];
  let room = limit;
  for (const { about, content, confidence, known_since } of facts.toReversed()) {
    const subject = about === "user" ? "the user" : "the workspace";
    const doubt = confidence < SURE ? ", unsure" : "";
    const since = known_since.slice(0, 10);
    const line = `- (about ${subject}, ${since}${doubt}) ${quoteLine(content, 1_000)}`;
    const tokens = count(line) + 1;
    if (tokens > room) {
      break;
    }
    room -= tokens;
    lines.unshift(line);
  }
  return lines.join("\n");
}
