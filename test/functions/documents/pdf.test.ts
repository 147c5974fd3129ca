import { beforeAll, describe, expect, it, vi } from "vitest";
import { openPdf } from "../../../functions/_shared/documents/pdf.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";

describe("a PDF", () => {
  let constitution: Awaited<ReturnType<typeof readBlocks>>;

  beforeAll(async () => {
    constitution = await readBlocks(openPdf, sample("pdf/constitution.pdf"));
  });

  it("is read page by page, by headings and paragraphs", () => {
    const { blocks, units, hasPages } = constitution;

    expect(units).toBe(18);
    expect(hasPages).toBe(true);
    expect(lines(blocks.slice(0, 6))).toEqual([
      "1 paragraph: The Constitution of the United States of America",
      "1 heading1: Preamble",
      expect.stringMatching(/^1 paragraph: We the People .* for the United States of America\.$/),
      "1 heading1: Article I",
      "1 heading2: Section 1",
      expect.stringMatching(/^1 paragraph: All legislative Powers .* House of Representatives\.$/),
    ]);
    const headings = blocks.filter(({ kind }) => kind === "heading");
    expect(headings.filter(({ level }) => level === 1)).toHaveLength(35);
    expect(headings.filter(({ level }) => level === 2).length).toBeGreaterThan(30);
  });

  it("is rid of what runs along its margins, but for the first time", () => {
    const { blocks } = constitution;

    const running = blocks.filter(({ text }) => /^(The Constitution of|Page \d)/.test(text));

    expect(lines(running)).toEqual([
      "1 paragraph: The Constitution of the United States of America",
    ]);
  });

  it("has its words whole that were divided at the ends of lines", async () => {
    const { blocks } = await readBlocks(openPdf, sample("pdf/declaration.pdf"));
    const text = blocks.map((block) => block.text).join("\n");

    expect(text).toContain("to dissolve the political bands");
    expect(text).toContain("Life, Liberty, and the pursuit of Happiness.");
    expect(text).toContain("We hold these truths to be self-evident");
    expect(text).toContain("\nHe has forbidden his Governors");
    expect(text).toContain("Laws for establishing\nJudiciary powers."); // across two pages
    expect(text).not.toMatch(/\p{L}-\s/u);
  });

  it("is read down one column and then the other", async () => {
    const { blocks } = await readBlocks(openPdf, sample("pdf/two-columns.pdf"));
    const text = blocks.map((block) => block.text).join(" ");

    expect(text).toMatch(/When in the Course .* We hold these truths .* Prudence, indeed/);
    expect(text).toContain("altering fundamentally the Forms of our Governments:");
  });

  it("gives the rows of a table with its columns, and lists", async () => {
    const { blocks } = await readBlocks(openPdf, sample("pdf/fares.pdf"));

    expect(lines(blocks)).toEqual([
      "1 heading1: Fares of Larkspur Ferries",
      "1 paragraph: All fares are in crowns, for one way, and hold from the first of May until the last day of September.",
      "1 table_row: Oster Quay to Mewstone | 4.50 | 2.00 | 19.00 <- Route, Foot passenger, Bicycle, Car",
      "1 table_row: Mewstone to Farrow | 6.20 | 2.00 | 24.50 <- Route, Foot passenger, Bicycle, Car",
      "1 table_row: Farrow to Oster Quay | 9.80 | 3.50 | 31.00 <- Route, Foot passenger, Bicycle, Car",
      "1 table_row: Night boat Corvina | 14.00 | 5.00 | 48.00 <- Route, Foot passenger, Bicycle, Car",
      "1 paragraph: Whoever travels back on the same day pays half of the fare for the way back.",
      "1 heading2: Who pays less",
      expect.stringMatching(/^1 list_item: • Children under six .* keeps an eye on them\.$/),
      "1 list_item: • Pupils and students pay two thirds.",
      "1 list_item: • Dogs pay nothing.",
    ]);
  });

  it("is read the way its letters stand when its pages are turned", async () => {
    const upright = await readBlocks(openPdf, sample("pdf/faehre.pdf"));
    const turned = await readBlocks(openPdf, sample("pdf/turned.pdf"));

    expect(turned.blocks).toEqual(upright.blocks);
    expect(lines(turned.blocks)).toHaveLength(4);
  });

  it("is read when only changing it takes a password", async () => {
    const { blocks } = await readBlocks(openPdf, sample("pdf/restricted.pdf"));

    expect(blocks[0]?.text).toBe("Beförderungsbedingungen");
  });

  it("has the same blocks on a page whichever pages are read with it", async () => {
    const { signal } = new AbortController();
    const late = await openPdf(sample("pdf/constitution.pdf"), optionsFor());

    const blocks = await late.read(9, 10, signal);

    expect(blocks).toEqual(constitution.blocks.filter(({ page }) => page === 9 || page === 10));
    await late.close();
  });
});

describe("a scanned PDF", () => {
  it.each(["scanned.pdf", "fax.pdf"])("is shown to the model, page by page: %s", async (name) => {
    const describeImage = vi.fn(
      async (_image: Uint8Array, _mediaType: string) => "# A Declaration\n\nWhen in the Course",
    );
    const { signal } = new AbortController();

    const document = await openPdf(sample(`pdf/${name}`), { ...optionsFor(), describeImage });
    const blocks = await document.read(1, 1, signal);

    expect(lines(blocks)).toEqual(["1 heading1: A Declaration", "1 paragraph: When in the Course"]);
    const [image, mediaType] = describeImage.mock.calls[0] ?? [];
    expect(mediaType).toBe("image/png");
    expect([...(image?.subarray(1, 4) ?? [])]).toEqual([0x50, 0x4e, 0x47]);
    await document.close();
  });

  it("says what it takes when no model is configured", async () => {
    const opening = openPdf(sample("pdf/scanned.pdf"), optionsFor());

    await expect(opening).rejects.toMatchObject({
      code: "image_model_missing",
      message: expect.stringContaining("only images of its pages"),
    });
  });
});
