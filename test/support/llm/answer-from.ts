import type { ShownPassage } from "./background.ts";

/** Words that stand in every sentence tell nothing about it. */
const COMMON = new Set(
  "about after also and any are can does each for from has have how its long many may much not of on one or out that the their them then there they this until what when where which who whose why will with you your".split(
    " ",
  ),
);
/** As many of a question's telling words a sentence must have, so that it is an answer. */
const LEAST_SHARE = 0.4;

/**
 * The sentence of the passages that has most of the question's words, rare ones counting more, with
 * the passage's number; null when none has enough of them. It knows nothing but the passages.
 */
export function answerFrom(question: string, passages: ShownPassage[]): string | null {
  const asked = new Set(wordsOf(question));
  const sentences = passages.flatMap(({ number, text }) =>
    sentencesOf(text).map((sentence) => ({ number, sentence, words: new Set(wordsOf(sentence)) })),
  );
  const weightOf = (word: string) => {
    const holders = sentences.filter(({ words }) => words.has(word)).length;
    return holders === 0 ? 1 : 1 / holders;
  };
  const weights = new Map([...asked].map((word) => [word, weightOf(word)]));
  const scored = sentences.map(({ number, sentence, words }) => {
    const shared = [...asked].filter((word) => words.has(word));
    const score = shared.reduce((sum, word) => sum + (weights.get(word) ?? 0), 0);
    return { number, sentence, share: shared.length / asked.size, score };
  });
  const [best] = scored
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((one, other) => other.score - one.score);
  return best ? `${best.sentence} [${best.number}]` : null;
}

function sentencesOf(text: string): string[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  return text
    .split(/\n{2,}/)
    .flatMap((part) => [...segmenter.segment(part.replace(/\s+/g, " "))])
    .map(({ segment }) => segment.trim())
    .filter(Boolean);
}

/** Words by their beginnings, so that "travels" is "travel". */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{3,}|\d+/gu) ?? [])
    .filter((word) => !COMMON.has(word))
    .map((word) => word.slice(0, 5));
}
