import { describe, expect, it } from "vitest";
import { openPlainText } from "../../../functions/_shared/documents/plain-text.ts";
import { lines, readBlocks, sample } from "./read-blocks.ts";

describe("plain text", () => {
  it("is read by its structure: the Constitution as people keep it", async () => {
    const { blocks, units } = await readBlocks(openPlainText, sample("text/constitution.txt"));

    expect(units).toBe(3);
    expect(
      lines(blocks)
        .slice(0, 6)
        .map((line) => line.slice(0, 70)),
    ).toEqual(
      [
        "heading1: The Constitution of the United States of America",
        "heading2: Preamble",
        "paragraph: We the People of the United States, in Order to form a more perfect",
        "heading2: Article I",
        "heading3: Section 1",
        "paragraph: All legislative Powers herein granted shall be vested in a Congress",
      ].map((line) => line.slice(0, 70)),
    );
    expect(blocks.filter(({ text }) => text.includes("\n"))).toEqual([
      expect.objectContaining({
        text: expect.stringMatching(/Bill of Rights\.\nPassed by Congress/),
      }),
    ]);
  });

  it("joins lines that only a width has broken, and leaves verse as it is", async () => {
    const prose = "It was the best of times, it was the worst of times, it was\nthe age of wisdom.";
    const verse = "Roses are red,\nViolets are blue.";

    const { blocks } = await readBlocks(openPlainText, `${prose}\n\n${verse}\n`);

    expect(lines(blocks)).toEqual([
      "paragraph: It was the best of times, it was the worst of times, it was the age of wisdom.",
      `paragraph: ${verse}`,
    ]);
  });

  it("knows underlined headings and lists", async () => {
    const text =
      "Rules\n=====\nTwo of them.\n\nFirst\n-----\n\n- Be on time,\n  always.\n- Be kind.\n";

    const { blocks } = await readBlocks(openPlainText, text);

    expect(lines(blocks)).toEqual([
      "heading1: Rules",
      "paragraph: Two of them.",
      "heading2: First",
      "list_item: - Be on time, always.",
      "list_item: - Be kind.",
    ]);
  });
});
