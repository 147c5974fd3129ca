/**
 * Embeddings in the order of their texts: an answer may have them in any, each with the `index` of
 * its text.
 */
export function inGivenOrder(embeddings: number[][], answer: unknown): number[][] {
  const items = (answer as { data?: unknown } | undefined)?.data;
  const places = Array.isArray(items) ? items.map((item) => item?.index) : [];
  const isWhole =
    new Set(places).size === embeddings.length && places.every((at) => at in embeddings);
  return isWhole
    ? embeddings.map((_, at) => embeddings[places.indexOf(at)] as number[])
    : embeddings;
}
