import readXlsxFile from "read-excel-file/universal";
import { describe, expect, it } from "vitest";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { openXlsx } from "../../../functions/_shared/documents/xlsx.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";
import { relations, xlsxOf } from "./zip-of.ts";

describe("a workbook", () => {
  it("comes sheet by sheet as rows under their header, without what is hidden", async () => {
    const { title, units, hasPages, blocks } = await readBlocks(
      openXlsx,
      sample("office/stores.xlsx"),
    );

    expect({ title, units, hasPages }).toEqual({
      title: "Stores of the light",
      units: 4,
      hasPages: true,
    });
    expect(lines(blocks).slice(0, 8)).toEqual([
      "1 heading1: Stores",
      "1 table_row: Rape oil | 1945-11-03 | 120.5 | 35% | TRUE <- Item, Bought, Litres, Used, Sealed",
      "1 table_row: Paraffin & wicks | 1946-02-28 06:30 | 80 | 10% | FALSE <- Item, Bought, Litres, Used, Sealed",
      "1 table_row: Tran; Öl | 1950-12-31 | 0.3 | 100% <- Item, Bought, Litres, Used, Sealed",
      "1 table_row: Total |  | 200.8 <- Item, Bought, Litres, Used, Sealed",
      "3 heading1: Log",
      "3 table_row: Night 1 | wind 1, sea 1 <- Night, Remark",
      "3 table_row: Night 2 | wind 2, sea 2 <- Night, Remark",
    ]);
    expect(blocks).toHaveLength(456);
  });

  it("comes to the cells that read-excel-file finds", async () => {
    const content = sample("office/stores.xlsx");
    const sheets = await readXlsxFile(new Blob([content as Uint8Array<ArrayBuffer>]));
    const expected = sheets
      .filter(({ sheet }) => sheet !== "Secret")
      .flatMap(({ data }) => data.slice(1).map((row) => [row[0], row[1] ?? ""].map(shown)));

    const { blocks } = await readBlocks(openXlsx, content);

    const rows = blocks.filter(({ kind }) => kind === "table_row");
    expect(rows.map(({ text }) => text.split(" | ").slice(0, 2))).toEqual(expected);
  });

  it("is read from any place, in any order", async () => {
    const document = await openXlsx(sample("office/stores.xlsx"), optionsFor());
    const { signal } = new AbortController();

    const [last, middle, again] = [
      await document.read(4, 4, signal),
      await document.read(3, 3, AbortSignal.timeout(1000)),
      await document.read(4, 4, signal),
    ];

    expect(last[0]?.text).toBe("Night 400 | wind 4, sea 1");
    expect(middle[0]?.text).toBe("Night 200 | wind 8, sea 4");
    expect(middle.at(-1)?.text).toBe("Night 399 | wind 3, sea 0");
    expect(again).toEqual(last);
  });

  it("shows numbers as they are meant", async () => {
    const codes = ["0.00", "[h]:mm:ss", "hh:mm", '0.0" days"', "[Red]yyyy", "0.0%", "mmm\\ yy"];
    const styles = `<styleSheet><numFmts>${codes
      .map((code, place) => `<numFmt numFmtId="${200 + place}" formatCode='${code}'/>`)
      .join("")}</numFmts><cellXfs>${codes
      .map((_, place) => `<xf numFmtId="${200 + place}"/>`)
      .join("")}<xf numFmtId="14"/></cellXfs></styleSheet>`;
    const values = [0.1 + 0.2, 1.5, 0.25, 7, 45000, 0.1234, 45000.5, 60];
    const cells = values.map((value, style) => `<c s="${style}"><v>${value}</v></c>`).join("");
    const content = await xlsxOf(`<row>${cells}</row>`, {
      "xl/styles.xml": styles,
      "xl/_rels/workbook.xml.rels": relations({
        r1: ["worksheet", "worksheets/sheet1.xml"],
        r2: ["styles", "styles.xml"],
      }),
    });

    const { blocks } = await readBlocks(openXlsx, content);

    expect(blocks[1]?.text.split(" | ")).toEqual([
      "0.3",
      "36:00:00",
      "06:00",
      "7",
      "2023-03-15",
      "12.34%",
      "2023-03-15",
      "1900-02-28",
    ]);
  });

  it("takes what other programs write: texts within cells, results of formulas, errors, escapes", async () => {
    const content = await xlsxOf(
      `<row r="3"><c r="A3" t="inlineStr"><is><r><t>In</t></r><r><t>line</t></r><rPh><t>kana</t></rPh></is></c>
       <c r="C3" t="str"><f>A1&amp;"x"</f><v>from a formula</v></c><c t="e"><v>#REF!</v></c>
       <c t="b"><v>1</v></c><c t="d"><v>2026-03-01</v></c><c t="inlineStr"><is><t>a_x0041_b</t></is></c></row>`,
    );

    const { blocks } = await readBlocks(openXlsx, content);

    expect(blocks[1]?.text).toBe("Inline |  | from a formula |  | TRUE | 2026-03-01 | aAb");
  });

  it("may have its title above its header, and begin in any column", async () => {
    const cell = (place: string, text: string) =>
      `<c r="${place}" t="inlineStr"><is><t>${text}</t></is></c>`;
    const content = await xlsxOf(
      `<row r="2">${cell("B2", "Boats of 2026")}</row>
       <row r="4">${cell("B4", "Name")}${cell("C4", "Crew")}</row>
       <row r="5">${cell("B5", "Corvina")}<c r="C5"><v>9</v></c></row>`,
    );

    const { blocks } = await readBlocks(openXlsx, content);

    expect(lines(blocks).slice(1)).toEqual([
      "1 paragraph: Boats of 2026",
      "1 table_row:  | Corvina | 9 <- , Name, Crew",
    ]);
  });

  it("without a filled cell is refused as empty", async () => {
    const opened = openXlsx(await xlsxOf(`<row r="1"><c r="A1"/></row>`), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });
});

describe("a hostile workbook", () => {
  it("pays nothing for places far away that it only claims", async () => {
    const content = await xlsxOf(
      `<row r="1"><c r="A1"><v>1</v></c></row>
       <row r="1048576"><c r="B1048576"><v>2</v></c><c r="XFD1048576"><v>3</v></c></row>
       <row r="99999999999999"><c r="ZZZZZZ1"><v>4</v></c></row>`,
    );

    const { blocks } = await readBlocks(openXlsx, content);

    expect(blocks.map(({ text }) => text)).toEqual(["One", "1", " | 2", "4"]);
  });

  it("does not fill the gaps before cells far to the right", async () => {
    const rows = Array.from({ length: 50 }, () => `<row><c r="ALL1"><v>7</v></c></row>`);

    const { blocks } = await readBlocks(openXlsx, await xlsxOf(rows.join("")));

    expect(blocks.at(-1)?.text).toBe(`${" | ".repeat(20)}7`);
  });

  it("with a hundred thousand empty cells, and texts and styles that are not there, is read all the same", async () => {
    const content = await xlsxOf(
      `<row>${"<c/>".repeat(100_000)}</row><row><c t="s"><v>-1</v></c><c t="s"><v>1e9</v></c>
       <c s="99999"><v>5</v></c><c s="-1"><v>not a number</v></c><c><v>1e999</v></c></row>`,
    );

    const { blocks } = await readBlocks(openXlsx, content);

    expect(blocks[1]?.text).toBe(" |  | 5 | not a number | 1e999");
  });

  it("that is damaged or declares entities is refused with a sentence", async () => {
    const sheets = ["<worksheet><sheetData><row><c>", `<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`];

    for (const sheet of sheets) {
      const content = await xlsxOf("", { "xl/worksheets/sheet1.xml": sheet });

      const opened = openDocument(content, optionsFor("book.xlsx"));

      await expect(opened).rejects.toMatchObject({
        code: "document_broken",
        message: expect.stringContaining("Excel"),
      });
    }
  });
});

function shown(value: unknown): string {
  if (!(value instanceof Date)) {
    return String(value);
  }
  const minute = new Date(Math.round(value.getTime() / 60_000) * 60_000).toISOString();
  const [date, time] = [minute.slice(0, 10), minute.slice(11, 16)];
  return time === "00:00" ? date : `${date} ${time}`;
}
