import type { Line } from "./pdf-lines.ts";

/**
 * A page's lines with the word whole that is divided at their end, and without the rest of one that
 * the page before has whole. `before` and `after` are the lines of the pages around.
 */
export function withWholeWords(
  lines: readonly Line[],
  before: readonly Line[],
  after: readonly Line[],
): Line[] {
  const whole = [...lines];
  const first = whole[0];
  if (first && restOf(before.at(-1), first)) {
    const rest = restOf(before.at(-1), first);
    const text = first.text.slice(rest.length).trimStart();
    whole.splice(0, 1, ...(text === "" ? [] : [{ ...first, text }]));
  }
  const last = whole.at(-1);
  const rest = restOf(last, after[0]);
  if (last && rest) {
    whole[whole.length - 1] = { ...last, text: last.text.slice(0, -1) + rest };
  }
  return whole;
}

/** What of a divided word stands at the beginning of the next page; empty when none is divided. */
function restOf(last: Line | undefined, next: Line | undefined): string {
  const isDivided = /\p{Ll}[-\u2010]$/u.test(last?.text ?? "") && last?.size === next?.size;
  return isDivided ? (/^\p{Ll}\S*/u.exec(next?.text ?? "")?.[0] ?? "") : "";
}
