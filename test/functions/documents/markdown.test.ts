import { describe, expect, it } from "vitest";
import { openMarkdown } from "../../../functions/_shared/documents/markdown.ts";
import { markdownPieces } from "../../../functions/_shared/documents/markdown-pieces.ts";
import { lines, readBlocks, sample } from "./read-blocks.ts";

describe("Markdown", () => {
  it("comes to headings, items, rows, code and notes, without its marks", async () => {
    const { title, blocks } = await readBlocks(openMarkdown, sample("web/manual.md"));

    expect(title).toBe("The Keeper's Manual");
    expect(lines(blocks)).toEqual([
      "heading1: Lamps",
      "paragraph: The lamp burns rape oil. It is lit at dusk, and put out at dawn.\nOn foggy days it burns all day.",
      "paragraph: Until 1846; paraffin since then.",
      "heading2: Trimming",
      "list_item: Take the glass off.",
      "list_item: Trim the wick:",
      "list_item: straight across,",
      "list_item: never more than a finger's breadth.",
      "table_row: Outer | 14 miles | 2.5 litres <- Lamp, Range, Oil a night",
      "table_row: Inner | 6 miles | 1 litre <- Lamp, Range, Oil a night",
      "code: log: 21:04 lit\nlog: 05:12 out",
      "heading1: Fog signals",
      "paragraph: The horn sounds three times every ninety seconds. Umlauts: Größe, naïve, 日本語.",
    ]);
  });

  it("says links and images by their words, entities by their characters, code as it is", async () => {
    const { blocks } = await readBlocks(
      openMarkdown,
      "A [link](https://example.org) to ![a map](map.png), R&amp;D and `&amp;`.\n\n> A *quoted* line.\n\n<div hidden>no</div>\n<script>alert(1)</script>\n\n<details>yes</details>",
    );

    expect(lines(blocks)).toEqual([
      "paragraph: A link to a map, R&D and &amp;.",
      "paragraph: A quoted line.",
      "paragraph: yes",
    ]);
  });

  it("is cut between two blocks, never within code, and nothing is lost", () => {
    const section = `# Part\n\n${"A sentence of some length. ".repeat(40)}\n\n\`\`\`\n${"code\n\nmore\n".repeat(900)}\`\`\`\n\n`;
    const text = section.repeat(10);

    const pieces = markdownPieces(text);

    expect(pieces.join("")).toBe(text);
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) {
      expect(piece.match(/^```$/gm)?.length).toBeGreaterThan(0);
      expect((piece.match(/^```$/gm)?.length ?? 0) % 2).toBe(0);
    }
  });

  it.each([
    ["quotations", `${">".repeat(8000)} deep`],
    ["lists", `${"- ".repeat(2000)}deep`],
    ["emphasis", `${"*a ".repeat(4000)}deep`],
    ["brackets", `${"[".repeat(8000)}deep`],
  ])("with endless %s is read, quickly", async (_, text) => {
    const { blocks } = await readBlocks(openMarkdown, text);

    expect(blocks.at(-1)?.text).toMatch(/deep$/);
  });
});
