/** Numbers of an embedding. */
const DIMENSIONS = 384;

/** Letters that part of a word is compared by, and what each part weighs against the word. */
const GRAM = 4;
const GRAM_WEIGHT = 0.4;

/** Words that say little about what a text is about. */
const little = new Set(
  (
    "a about after all also an and any are as at be been before but by can could did do does for " +
    "from had has have he her his how i if in into is it its may more must no nor not of on one " +
    "only or other our out shall she should so some such than that the their them then there " +
    "these they this those to under up upon us was we were what when where which who whom whose " +
    "why will with would you your"
  ).split(" "),
);
const LITTLE_WEIGHT = 0.1;

/**
 * An embedding that follows from the text alone: its words, their stems and the parts of its words,
 * each hashed to a place and a sign (feature hashing, Weinberger et al. 2009). Texts with words in
 * common are near each other; what a word means it does not know.
 */
export function hashedEmbedding(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const [feature, weight] of featuresOf(text)) {
    const hash = hashOf(feature);
    const place = (hash >>> 1) % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + (hash & 1 ? weight : -weight);
  }
  const length = Math.hypot(...vector);
  if (length === 0) {
    vector[0] = 1;
    return vector;
  }
  return vector.map((value) => value / length);
}

function featuresOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const features = new Map<string, number>();
  for (const [word, count] of counts) {
    const weight = (1 + Math.log(count)) * (little.has(word) ? LITTLE_WEIGHT : 1);
    add(features, `w:${stemOf(word)}`, weight);
    const grams = gramsOf(word);
    for (const gram of grams) {
      add(features, `g:${gram}`, (weight * GRAM_WEIGHT) / Math.sqrt(grams.length));
    }
  }
  return features;
}

function add(features: Map<string, number>, feature: string, weight: number): void {
  features.set(feature, (features.get(feature) ?? 0) + weight);
}

function wordsOf(text: string): string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function stemOf(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|ing|ed|es|ly|s|e|y)$/, "") : word.replace(/s$/, "");
}

function gramsOf(word: string): string[] {
  const framed = `<${word}>`;
  const count = Math.max(1, framed.length - GRAM + 1);
  return Array.from({ length: count }, (_, at) => framed.slice(at, at + GRAM));
}

/** FNV-1a with a last mixing, so that the low bits depend on all letters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
