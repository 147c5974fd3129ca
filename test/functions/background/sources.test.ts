import { describe, expect, it } from "vitest";
import { noSources } from "../../../functions/_shared/agent/sources.ts";
import { passage } from "./samples.ts";

function sourcesWith(...numbers: number[]) {
  const sources = noSources();
  for (const number of numbers) {
    sources.give(passage(number));
  }
  return sources;
}
const cited = (text: string, ...given: number[]) =>
  sourcesWith(...given)
    .citedIn(text)
    .map(({ number }) => number);

describe("the citations of an answer", () => {
  it("name medium, page and headings of each passage, in the order of the text", () => {
    expect(sourcesWith(1, 2).citedIn("Eight weeks [2], at 70 percent [1].")).toEqual([
      { number: 2, ...passage(2).citation },
      { number: 1, ...passage(1).citation },
    ]);
  });

  it.each<[string, string, number[]]>([
    ["once each", "So [1], and again [1].", [1]],
    ["several in one pair of brackets", "So [1, 3].", [1, 3]],
    ["a range", "So [1–3].", [1, 2, 3]],
    ["pairs without a space", "So[1][2].", [1, 2]],
    ["in the brackets that some models use", "So 【2†source】.", [2]],
  ])("are found %s", (_, text, numbers) => {
    expect(cited(text, 1, 2, 3)).toEqual(numbers);
  });

  it.each<[string, string]>([
    ["a number that was not given", "So [7], and [0], and [999]."],
    ["a range of such", "So [50-90]."],
    ["a link", "See [1](https://example.test)."],
    ["code", "Take `rows[1]` or\n```\nrows[2]\n```"],
    ["code that does not end", "```\nrows[1]"],
    ["a year in words", "In [2026] and [one]."],
  ])("are none for %s", (_, text) => {
    expect(cited(text, 1, 2, 3)).toEqual([]);
  });

  it("are none for a passage that was taken back", () => {
    const sources = sourcesWith(1, 2);

    sources.withdraw(passage(1));

    expect(sources.citedIn("[1] [2]").map(({ number }) => number)).toEqual([2]);
    expect(sources.numberOf(passage(1))).toBe(1);
    expect(sources.numberOf(passage(3))).toBe(3);
  });

  it("cope with a text that is nothing but brackets", () => {
    expect(cited("[1".repeat(50_000), 1)).toEqual([]);
    expect(cited("[1,".repeat(50_000), 1)).toEqual([]);
    expect(cited("`".repeat(99_999), 1)).toEqual([]);
  });
});
