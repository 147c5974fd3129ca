import { detectAll } from "tinyld/light";
import { byFunctionWords } from "./function-words.ts";

/** A text's language. */
export interface Language {
  /** ISO 639-1, as `de`; null when it cannot be told. */
  language: string | null;
  /** PostgreSQL's text search configuration for it, as `german`; `simple` where there is none. */
  configuration: string;
}

const UNKNOWN: Language = { language: null, configuration: "simple" };

/** More says nothing new. */
const SAMPLE_CHARACTERS = 8_000;

/** Fewer letters tell no language: a number, a code, a name. */
const LEAST_LETTERS = 20;

/** How far the likeliest language must be ahead of the next. */
const LEAD = 1.15;

/** Tells the language of a text by samples from its beginning, middle and end. */
export function detectLanguage(text: string): Language {
  const words =
    sampleOf(text)
      .replace(noWords, " ")
      .match(/[\p{L}\p{M}'’]+/gu) ?? [];
  const sample = words.join(" ");
  if ((sample.match(/\p{L}/gu)?.length ?? 0) < LEAST_LETTERS) {
    return UNKNOWN;
  }
  const certain = byFunctionWords(words.map((word) => word.toLowerCase()));
  const language = certain ?? likeliest(sample);
  return language ? { language, configuration: configurations[language] ?? "simple" } : UNKNOWN;
}

/** Addresses, names of files, and whatever has digits in it, are of no language. */
const noWords = /\S*(?:[@/\\_\d]|\w\.\w)\S*/g;

function likeliest(sample: string): string | null {
  const [first, second] = detectAll(sample);
  const isClear = first && (!second || first.accuracy >= second.accuracy * LEAD);
  return isClear ? first.lang : null;
}

function sampleOf(text: string): string {
  if (text.length <= SAMPLE_CHARACTERS) {
    return text;
  }
  const length = Math.floor(SAMPLE_CHARACTERS / 3);
  const middle = Math.floor((text.length - length) / 2);
  return [0, middle, text.length - length]
    .map((start) => text.slice(start, start + length))
    .join("\n");
}

/** PostgreSQL's snowball dictionaries for the languages that are told apart. */
const configurations: Record<string, string> = {
  ar: "arabic",
  de: "german",
  el: "greek",
  en: "english",
  es: "spanish",
  fi: "finnish",
  fr: "french",
  hi: "hindi",
  hu: "hungarian",
  it: "italian",
  nl: "dutch",
  no: "norwegian",
  pt: "portuguese",
  ro: "romanian",
  ru: "russian",
  sv: "swedish",
  tr: "turkish",
};
