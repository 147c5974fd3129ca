import type { Block } from "../../../functions/_shared/documents/document.ts";

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

const letters = [
  "a",
  "e",
  "n",
  "s",
  "t",
  "Ä",
  "ß",
  "ж",
  "漢",
  "字",
  "👩‍👩‍👧",
  "é",
  "\u0301",
  "1",
  "'",
];
const ends = [". ", "! ", "? ", ".\n", "\n", "; ", " ", " … "];
const kinds = ["heading", "paragraph", "paragraph", "list_item", "table_row", "code"] as const;

/** A document of every kind of block, with what files bring at their worst. */
export function randomDocument(seed: number): Block[] {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]) => from[below(from.length)] as T;
  const repeat = (times: number, make: () => string) =>
    Array.from({ length: times }, make).join("");
  const word = (most: number) => repeat(1 + below(most), () => pick(letters));
  const text = (words: number) =>
    repeat(words, () => word(8) + (random() < 0.15 ? pick(ends) : " "));
  const odd = () => pick(["", "   ", "\n\n", word(900), "\ud800 alone \0 and \udfff", text(600)]);
  const columns = [["Name", "Price"], ["a", "", "c"], [text(40), text(40)], undefined];

  let table = pick(columns);
  return Array.from({ length: below(60) }, (_, at) => {
    const kind = pick(kinds);
    table = random() < 0.2 ? pick(columns) : table;
    return {
      kind,
      text: random() < 0.08 ? odd() : text(1 + below(kind === "heading" ? 6 : pick([5, 30, 200]))),
      ...(kind === "heading" ? { level: 1 + below(6) } : {}),
      ...(kind === "table_row" && table ? { columns: table } : {}),
      ...(seed % 3 > 0 ? { page: 1 + Math.floor(at / 5) } : {}),
    };
  });
}
