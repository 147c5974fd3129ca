import { describe, expect, it } from "vitest";
import {
  type PageLines,
  withoutFurniture,
} from "../../../functions/_shared/documents/pdf-furniture.ts";

/** A page with these texts from the top, and a footer. */
function page(texts: string[], footer = "", size = 10, step = 20): PageLines {
  const line = (text: string, y: number) => ({
    text,
    cells: [{ text, left: 72, right: 300 }],
    left: 72,
    right: 300,
    y,
    bottom: y,
    size,
    font: "f",
  });
  const lines = texts.map((text, place) => line(text, 40 + step * place));
  return { lines: footer ? [...lines, line(footer, 800)] : lines, height: 842 };
}

function kept(number: number, pages: PageLines[], bodySize = 10): string[] {
  const current = pages[number - 1] as PageLines;
  const before = pages.slice(Math.max(number - 3, 0), number - 1);
  return withoutFurniture(current, before, pages.slice(number, number + 2), bodySize).map(
    ({ text }) => text,
  );
}

describe("what runs along the margins of pages", () => {
  it("is kept where it is said first, and dropped from then on", () => {
    const pages = [page(["Annual report", "One"]), page(["Annual report", "Two"])];

    expect(kept(1, pages)).toEqual(["Annual report", "One"]);
    expect(kept(2, pages)).toEqual(["Two"]);
  });

  it("may differ between left and right pages", () => {
    const pages = ["The author", "The book", "The author", "The book"].map((head, place) =>
      page([head, `Text ${"abcd"[place]}`]),
    );

    expect(kept(3, pages)).toEqual(["Text c"]);
    expect(kept(4, pages)).toEqual(["Text d"]);
  });

  it("counts pages, in figures, words and Roman numbers, and is dropped even the first time", () => {
    const footers = ["1", "Page 2 of 4", "- 3 -"];
    const roman = [page(["One"], "iv"), page(["Two"], "v")];

    for (const footer of footers) {
      expect(kept(1, [page(["One"], footer)])).toEqual(["One"]);
    }
    expect(kept(1, [page(["One"], "Page 1"), page(["Two"], "Page 2")])).toEqual(["One"]);
    expect(kept(2, roman)).toEqual(["Two"]);
  });

  it("is no number that does not count pages", () => {
    const pages = [page(["Invoice 4711", "One"]), page(["Invoice 4790", "Two"])];

    expect(kept(2, pages)).toEqual(["Invoice 4790", "Two"]);
  });

  it("is no paragraph that begins as the one on the page before does", () => {
    const letter = (name: string) => page(["Dear colleague,", "we thank you,", name], "", 10, 12);

    expect(kept(2, [letter("Ann"), letter("Ben")])).toEqual([
      "Dear colleague,",
      "we thank you,",
      "Ben",
    ]);
  });

  it("is no heading with which a page begins", () => {
    const pages = [page(["Section 1"], "", 14), page(["Section 2"], "", 14)];

    expect(kept(2, pages)).toEqual(["Section 2"]);
  });
});
