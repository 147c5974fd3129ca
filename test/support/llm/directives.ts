/** What a prompt tells the scripted server to do instead of answering well. */
export interface Directive {
  /**
   * `status`, `stall`, `cut`, `malformed`, `empty`, `no-usage`, `redirect`, `huge`, `slow`, `wait`,
   * `reply`, `say` (before calls), `call`.
   */
  name: string;
  /** The first bare word, as 429 in `[[status 429]]`, or the text of `[[reply …]]`. */
  value: string;
  /** `key=value` pairs, as `retry-after=1` and `times=2`. */
  options: Record<string, string>;
  /** The directive as it is written. */
  raw: string;
}

const pattern = /\[\[([a-z-]+)\s*((?:(?!\]\])[\s\S])*)\]\]/g;
const callPattern = /^(?:round=(\w+)\s+)?(\S+)\s*([\s\S]*)$/;

/**
 * Reads directives such as `[[status 429 retry-after=1 times=2]]`. One with `times=n` holds for the
 * first n requests that carry the same text, one with `round=n` for the nth question of an answer.
 *
 * `[[call name {"some": "input"}]]` calls a tool in the first round; several call at once.
 * `[[call round=2 …]]` does so in another, `round=any` in each as long as it may, and
 * `round=stubborn` even when it may not.
 */
export function directivesIn(text: string): Directive[] {
  return [...text.matchAll(pattern)].map(([raw, name = "", rest = ""]) => {
    if (name === "reply" || name === "say") {
      return { name, value: rest, options: {}, raw };
    }
    if (name === "call") {
      const [, round = "1", value = "", input = ""] = callPattern.exec(rest) ?? [];
      return { name, value, options: { round, input }, raw };
    }
    const words = rest.split(/\s+/).filter(Boolean);
    const pairs = words.filter((word) => word.includes("="));
    return {
      name,
      value: words.find((word) => !word.includes("=")) ?? "",
      options: Object.fromEntries(pairs.map((pair) => pair.split("=", 2) as [string, string])),
      raw,
    };
  });
}

/** The text without its directives. */
export function withoutDirectives(text: string): string {
  return text.replaceAll(pattern, "").trim();
}
