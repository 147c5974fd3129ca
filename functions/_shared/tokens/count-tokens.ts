/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number;

/**
 * Pieces are encoded one by one, as the encoder's time grows with the square of a word's length:
 * one word of 100,000 letters would take seconds of the 2 s of CPU that a function has. Pieces end
 * before white space where they can, which is where the encoding itself splits; a word cut apart
 * counts a token more at most.
 */
const piece = /[\s\S]{1,1000}(?=\s|$)|[\s\S]{1,1000}/gu;

/** Distinct words whose encoding is remembered: speed against memory. */
const CACHED_WORDS = 10_000;

let loading: Promise<CountTokens> | undefined;

/**
 * Loads the tokenizer (o200k_base, exact for OpenAI's current models and close for others) on first
 * use: it takes 0.3 s and some 70 MB, which an idle function need not spend.
 */
export function loadTokenizer(): Promise<CountTokens> {
  loading ??= import("gpt-tokenizer/encoding/o200k_base").then((encoding) => {
    encoding.setMergeCacheSize(CACHED_WORDS);
    // Text that looks like a control token is text.
    const asText = { disallowedSpecial: new Set<string>() };
    return (text) => {
      let tokens = 0;
      for (const [part] of text.matchAll(piece)) {
        tokens += encoding.countTokens(part, asText);
      }
      return tokens;
    };
  });
  return loading;
}
