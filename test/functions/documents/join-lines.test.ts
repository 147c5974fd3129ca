import { describe, expect, it } from "vitest";
import { joinLines } from "../../../functions/_shared/documents/join-lines.ts";

describe("lines of a paragraph become running text", () => {
  it.each([
    [["one line", "and another"], "one line and another"],
    [["a divi-", "ded word"], "a divided word"],
    [["an Anglo-", "Saxon word"], "an Anglo-Saxon word"],
    [["from 2019-", "2020"], "from 2019-2020"],
    [["held to be self-", "evident"], "held to be self-evident"],
    [["soft\u00ad", "ened"], "softened"],
    [["a pause -", "and on"], "a pause - and on"],
    [["日本", "語"], "日本語"],
  ])("%j", (lines, text) => {
    expect(joinLines(lines)).toBe(text);
  });

  it("keeps a hyphen that the word has elsewhere", () => {
    const words = new Set(["co-pilot"]);

    expect(joinLines(["the co-", "pilot"], words)).toBe("the co-pilot");
  });
});
