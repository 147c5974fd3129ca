/** How much each passage answers a question; what is not listed does not. */
export type Relevance = Readonly<Record<string, number>>;

/**
 * Normalized discounted cumulative gain of the first so many (Järvelin and Kekäläinen, 2002), with
 * a gain of 2^relevance - 1: 1 when the best stand first.
 */
export function ndcg(ranked: readonly string[], relevant: Relevance, depth: number): number {
  const ideal = Object.values(relevant).sort((a, b) => b - a);
  const best = dcg(ideal.slice(0, depth));
  return best === 0 ? 0 : dcg(ranked.slice(0, depth).map((id) => relevant[id] ?? 0)) / best;
}

/** Which part of the passages that answer is among the first so many. */
export function recall(ranked: readonly string[], relevant: Relevance, depth: number): number {
  const wanted = Object.keys(relevant);
  const found = ranked.slice(0, depth).filter((id) => id in relevant);
  return wanted.length === 0 ? 0 : found.length / Math.min(wanted.length, depth);
}

/** The mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dcg(gains: readonly number[]): number {
  return gains.reduce((sum, gain, at) => sum + (2 ** gain - 1) / Math.log2(at + 2), 0);
}
