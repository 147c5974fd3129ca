import type { CountTokens } from "../tokens/count-tokens.ts";
import { linesOf, safeCut, sentencesOf } from "./sentences.ts";

/** A part of a text, and what it counts. */
export interface TextPart {
  text: string;
  tokens: number;
}

/** A sentence that does not fit is cut into runs of words of this part of the limit. */
const RUN = 1 / 4;

/**
 * Parts of a text that count at most `limit` each: sentences (of code: lines), and where one is
 * longer, runs of its words. Each has the white space before it; together they are the text.
 */
export function splitText(
  text: string,
  kind: "text" | "code",
  limit: number,
  count: CountTokens,
): TextPart[] {
  const natural = kind === "code" ? linesOf(text) : sentencesOf(text);
  return natural.flatMap((part) => {
    const tokens = count(part);
    return tokens <= limit
      ? [{ text: part, tokens }]
      : wordRuns(part, Math.max(1, Math.floor(limit * RUN)), count);
  });
}

/** The words of a text in runs of at most `limit` tokens; a word that has more is cut apart. */
export function wordRuns(text: string, limit: number, count: CountTokens): TextPart[] {
  const runs: TextPart[] = [];
  let run: TextPart = { text: "", tokens: 0 };
  for (const word of words(text).flatMap((each) => fitting(each, limit, count))) {
    if (run.text && run.tokens + word.tokens > limit) {
      runs.push(run);
      run = { text: "", tokens: 0 };
    }
    run = { text: run.text + word.text, tokens: run.tokens + word.tokens };
  }
  return run.text ? [...runs, run] : runs;
}

function words(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [];
}

function fitting(word: string, limit: number, count: CountTokens): TextPart[] {
  const tokens = count(word);
  const middle = safeCut(word, Math.floor(word.length / 2));
  if (tokens <= limit || middle <= 0 || middle >= word.length) {
    return [{ text: word, tokens }];
  }
  return [word.slice(0, middle), word.slice(middle)].flatMap((half) => fitting(half, limit, count));
}
