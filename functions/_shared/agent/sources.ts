import type { AnswerCitation, KnowledgePassage } from "../../../types/schemas.ts";

/** The passages that a model was given for one answer, by the numbers under which it cites them. */
export interface Sources {
  /** The number of a passage, the same throughout the answer; the next one when it is new. */
  numberOf(passage: KnowledgePassage): number;
  give(passage: KnowledgePassage): void;
  /** Says that a passage was not shown after all. */
  withdraw(passage: KnowledgePassage): void;
  isGiven(passage: KnowledgePassage): boolean;
  /** What a text cites, in its order, each once; numbers that were not given count for nothing. */
  citedIn(text: string): AnswerCitation[];
}

/** A number or several in brackets, as models cite: `[1]`, `[1, 3]`, `[2-4]`, `【1†source】`. */
const CITATION = /\[(\d{1,3}(?:\s*[-–,;]\s*\d{1,3})*)\](?!\()|【(\d{1,3})[^】]{0,40}】/g;
/** What stands in code is no citation. */
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
/** More than anybody cites at once. */
const MOST_IN_RANGE = 20;

/** No passages yet. */
export function noSources(): Sources {
  const numbers = new Map<string, number>();
  const given = new Map<number, KnowledgePassage>();
  const numberOf = ({ chunk_id }: KnowledgePassage) => numbers.get(chunk_id) ?? numbers.size + 1;

  return {
    numberOf,
    give(passage) {
      const number = numberOf(passage);
      numbers.set(passage.chunk_id, number);
      given.set(number, passage);
    },
    withdraw: (passage) => void given.delete(numberOf(passage)),
    isGiven: (passage) => given.has(numberOf(passage)),
    citedIn(text) {
      return [...new Set(numbersIn(text))].flatMap((number) => {
        const passage = given.get(number);
        return passage ? [{ number, ...passage.citation }] : [];
      });
    },
  };
}

function numbersIn(text: string): number[] {
  const spoken = text.replace(CODE, " ");
  return [...spoken.matchAll(CITATION)].flatMap(([, listed, single]) =>
    (listed ?? single ?? "").split(/\s*[,;]\s*/).flatMap(rangeOf),
  );
}

function rangeOf(text: string): number[] {
  const [from = 0, to = from] = text.split(/\s*[-–]\s*/).map(Number);
  const length = Math.min(Math.max(to - from + 1, 1), MOST_IN_RANGE);
  return Array.from({ length }, (_, at) => from + at);
}
