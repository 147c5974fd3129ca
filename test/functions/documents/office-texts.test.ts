import mammoth from "mammoth";
import { describe, expect, it } from "vitest";
import { openDocx } from "../../../functions/_shared/documents/docx.ts";
import { htmlBlocks } from "../../../functions/_shared/documents/html-blocks.ts";
import { openOdt } from "../../../functions/_shared/documents/odt.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";
import { docxOf, relations, zipOf } from "./zip-of.ts";

const MANUAL = [
  "heading1: The Keeper’s Manual",
  "heading1: Lamps",
  "paragraph: The lamp burns rape oil. It is lit at dusk, and put out at dawn.\nOn foggy days it burns all day.",
  "paragraph: Until 1846; paraffin since then.",
  "heading2: Trimming",
  "list_item: Take the glass off.",
  "list_item: Trim the wick:",
  "list_item: straight across,",
  "list_item: never more than a finger’s breadth.",
  "table_row: Outer | 14 miles | 2.5 litres <- Lamp, Range, Oil a night",
  "table_row: Inner | 6 miles | 1 litre <- Lamp, Range, Oil a night",
  "code: log: 21:04 lit\nlog: 05:12 out",
  "heading1: Fog signals",
  "paragraph: The horn sounds three times every ninety seconds. Umlauts: Größe, naïve, 日本語.",
];

describe("a text of an office program", () => {
  it.each([
    ["manual-pandoc.docx", openDocx],
    ["manual-libreoffice.docx", openDocx],
    ["manual-pandoc.odt", openOdt],
    ["manual-libreoffice.odt", openOdt],
  ])("comes to the same whichever program wrote it: %s", async (name, open) => {
    const { title, hasPages, blocks } = await readBlocks(open, sample(`office/${name}`));

    expect(title).toBe("The Keeper’s Manual");
    expect(hasPages).toBe(false);
    expect(lines(blocks)).toEqual(MANUAL);
  });

  it.each(["office/manual-pandoc.docx", "office/manual-libreoffice.docx"])(
    "comes to the words that mammoth finds: %s",
    async (path) => {
      const { value: html } = await mammoth.convertToHtml({ buffer: Buffer.from(sample(path)) });
      const expected = wordsOf(htmlBlocks(html.replace(/\[\d+\]|↑/g, "")).blocks);

      const { blocks } = await readBlocks(openDocx, sample(path));

      expect(wordsOf(blocks).toSorted()).toEqual(expected.toSorted());
    },
  );
});

describe("a Word document", () => {
  it("keeps what was inserted, and not what was deleted, hidden, moved away or computed", async () => {
    const content = await docxOf(`<w:p>
      <w:r><w:t xml:space="preserve">kept </w:t></w:r>
      <w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>
      <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>
      <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>
      <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>
      <w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t xml:space="preserve"> shown</w:t></w:r>
      <w:r><w:instrText>PAGEREF _Toc 1</w:instrText></w:r></w:p>`);

    const { blocks } = await readBlocks(openDocx, content);

    expect(lines(blocks)).toEqual(["paragraph: kept inserted shown"]);
  });

  it("tells headings by the style's own name and by their outline, whatever the language", async () => {
    const paragraph = (properties: string, text: string) =>
      `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const content = await docxOf(
      paragraph(`<w:pStyle w:val="Kop"/>`, "Styled") +
        paragraph(`<w:outlineLvl w:val="2"/>`, "Outlined") +
        paragraph(`<w:outlineLvl w:val="9"/>`, "Body") +
        paragraph(`<w:numPr><w:numId w:val="3"/></w:numPr>`, "Item") +
        paragraph(`<w:numPr><w:numId w:val="0"/></w:numPr>`, "No item"),
    );

    const { blocks } = await readBlocks(openDocx, content);

    expect(lines(blocks)).toEqual([
      "heading2: Styled",
      "heading3: Outlined",
      "paragraph: Body",
      "list_item: Item",
      "paragraph: No item",
    ]);
  });

  it("says a merged cell in each of its rows, and gives a text box its own place", async () => {
    const cell = (text: string, properties = "") =>
      `<w:tc><w:tcPr>${properties}</w:tcPr><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:tc>`;
    const row = (...cells: string[]) => `<w:tr>${cells.join("")}</w:tr>`;
    const head = `<w:trPr><w:tblHeader/></w:trPr>`;
    const content = await docxOf(
      `<w:tbl>${row(head, cell("Place"), cell("Boat"))}
        ${row(cell("Oster", '<w:vMerge w:val="restart"/>'), cell("Corvina"))}
        ${row(cell("", "<w:vMerge/>"), cell("Petrel"))}
        ${row(cell("nobody anywhere", '<w:gridSpan w:val="2"/>'))}</w:tbl>
      <w:p><w:r><w:t>Around </w:t><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r>
        <w:t>In the box</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r>
        <w:t>In the box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r>
        <w:r><w:t>it</w:t></w:r></w:p>`,
    );

    const { blocks } = await readBlocks(openDocx, content);

    expect(lines(blocks)).toEqual([
      "table_row: Oster | Corvina <- Place, Boat",
      "table_row: Oster | Petrel <- Place, Boat",
      "table_row: nobody anywhere <- Place, Boat",
      "paragraph: In the box",
      "paragraph: Around it",
    ]);
  });

  it("is read in parts when it is long", async () => {
    const paragraph = `<w:p><w:r><w:t>${"tide ".repeat(200)}</w:t></w:r></w:p>`;

    const { units, blocks } = await readBlocks(openDocx, await docxOf(paragraph.repeat(100)));

    expect(units).toBeGreaterThan(4);
    expect(blocks).toHaveLength(100);
  });

  it("without text is refused as empty", async () => {
    const opened = openDocx(await docxOf("<w:p/>"), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });
});

describe("a hostile office document", () => {
  const open = async (content: Uint8Array) => openDocument(content, optionsFor("policy.docx"));

  it("that declares entities is refused: neither laughs a billion times nor reads a file", async () => {
    const paragraph = "<w:p><w:r><w:t>&all;</w:t></w:r></w:p>";
    const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY all "&a;&a;&a;&a;">]><w:document>${paragraph}</w:document>`;
    const reads = `<!DOCTYPE x [<!ENTITY all SYSTEM "file:///etc/passwd">]><w:document>${paragraph}</w:document>`;

    for (const part of [laughs, reads]) {
      const opened = open(await docxOf("", { "word/document.xml": part }));

      await expect(opened).rejects.toMatchObject({ code: "document_broken" });
    }
  });

  it("that nests its elements by thousands is refused", async () => {
    const opened = open(await docxOf("<w:sdt>".repeat(20_000)));

    await expect(opened).rejects.toMatchObject({ code: "document_unsupported" });
  });

  it.each([
    ["ends too early", "<w:document><w:body><w:p><w:r><w:t>half a"],
    ["is not XML", "\u0000\u0001 no markup at all <"],
    ["is no text at all", "\ufffe"],
  ])("whose main part %s is refused with a sentence", async (_, part) => {
    const opened = open(await docxOf("", { "word/document.xml": part }));

    await expect(opened).rejects.toMatchObject({
      name: "DocumentError",
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  it("that refers to styles in a circle, to parts that are missing or outside is read all the same", async () => {
    const content = await docxOf(
      `<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>Text</w:t></w:r></w:p>`,
      {
        "word/styles.xml": `<w:styles><w:style w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/></w:style></w:styles>`,
        "word/_rels/document.xml.rels": relations({
          r1: ["styles", "styles.xml"],
          r2: ["footnotes", "../../../../etc/passwd"],
          r3: ["endnotes", "file:///etc/passwd"],
        }),
      },
    );

    const { blocks } = await readBlocks(openDocx, content);

    expect(lines(blocks)).toEqual(["paragraph: Text"]);
  });

  it("without its main part is refused with a sentence", async () => {
    const opened = openOdt(await zipOf({ "meta.xml": "<meta/>" }), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_broken" });
  });
});

describe("an OpenDocument text", () => {
  const odtOf = (text: string) =>
    zipOf({
      "content.xml": `<office:document-content><office:automatic-styles>
        <style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>
        </office:automatic-styles><office:body><office:text>${text}</office:text></office:body></office:document-content>`,
    });

  it("keeps neither what was deleted, noted in the margin or hidden, nor the table of contents", async () => {
    const content =
      await odtOf(`<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>
      <text:section text:display="none"><text:p>hidden section</text:p></text:section>
      <text:table-of-content><text:p>Contents</text:p></text:table-of-content>
      <text:p>Seen<office:annotation><text:p>margin</text:p></office:annotation><text:s text:c="3"/>text<text:span
       text:style-name="T1">hidden</text:span><text:line-break/>below</text:p>`);

    const { blocks } = await readBlocks(openOdt, content);

    expect(lines(blocks)).toEqual(["paragraph: Seen text\nbelow"]);
  });

  it("pays nothing for spaces, columns and rows that are only claimed", async () => {
    const content = await odtOf(`<text:p>a<text:s text:c="2000000000"/>b</text:p>
      <table:table><table:table-column table:number-columns-repeated="1000000000"/>
      <table:table-row table:number-rows-repeated="1000000000"><table:table-cell
       table:number-columns-repeated="1000000000" table:number-columns-spanned="1000000000"><text:p>c</text:p></table:table-cell>
      <table:table-cell><text:p>d</text:p></table:table-cell></table:table-row></table:table>`);

    const { blocks } = await readBlocks(openOdt, content);

    expect(blocks.map(({ text }) => text.replace(/[ |]+/g, " "))).toEqual(["a b", "c d"]);
  });
});

function wordsOf(blocks: readonly { text: string; columns?: string[] }[]): string[] {
  const columns = new Set(blocks.flatMap((block) => block.columns ?? []));
  return [...columns, ...blocks.map(({ text }) => text)]
    .flatMap((text) => text.split(/[\s|]+/))
    .filter(Boolean);
}
