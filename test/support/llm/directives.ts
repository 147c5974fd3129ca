/** What a prompt tells the scripted server to do instead of answering well. */
export interface Directive {
  /** `status`, `stall`, `cut`, `malformed`, `empty`, `no-usage`, `redirect`, `huge`, `slow`, `reply`. */
  name: string;
  /** The first bare word, as 429 in `[[status 429]]`, or the text of `[[reply …]]`. */
  value: string;
  /** `key=value` pairs, as `retry-after=1` and `times=2`. */
  options: Record<string, string>;
  /** The directive as it is written. */
  raw: string;
}

const pattern = /\[\[([a-z-]+)\s*([^\]]*)\]\]/g;

/**
 * Reads directives such as `[[status 429 retry-after=1 times=2]]`. One with `times=n` holds for the
 * first n requests that carry the same text.
 */
export function directivesIn(text: string): Directive[] {
  return [...text.matchAll(pattern)].map(([raw, name = "", rest = ""]) => {
    if (name === "reply") {
      return { name, value: rest, options: {}, raw };
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
