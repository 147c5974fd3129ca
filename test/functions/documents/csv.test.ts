import { describe, expect, it } from "vitest";
import { openCsv } from "../../../functions/_shared/documents/csv.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";

describe("a table of text", () => {
  it("as LibreOffice writes it, with semicolons and in an old encoding", async () => {
    const { blocks } = await readBlocks(openCsv, sample("data/stores.csv"));

    expect(lines(blocks)).toEqual([
      "table_row: Rape oil | 11/03/1945 | 120.5 | 35% | TRUE <- Item, Bought, Litres, Used, Sealed",
      "table_row: Paraffin & wicks | 1946-02-28 06:30:00 | 80 | 10% | FALSE <- Item, Bought, Litres, Used, Sealed",
      "table_row: Tran; Öl | 12/31/1950 | 0.3 | 100% <- Item, Bought, Litres, Used, Sealed",
      "table_row: Total |  | 200.8 <- Item, Bought, Litres, Used, Sealed",
    ]);
  });

  it.each([
    ["commas", "a,b\n1,2\n"],
    ["semicolons, with commas in numbers", "a;b\n1,5;2,5\n"],
    ["tabs", "a\tb\n1\t2\n"],
    ["bars", "a|b\n1|2\n"],
    ["what Excel is told", "sep=:\na:b\n1:2\n"],
    ["commas, with semicolons in quotation marks", 'a,b\n"x;y;z;",2\n'],
  ])("is parted by %s", async (_, text) => {
    const { blocks } = await readBlocks(openCsv, text);

    expect(blocks).toHaveLength(1);
    expect(blocks[0]?.columns).toEqual(["a", "b"]);
  });

  it("whose first row is not a header has none", async () => {
    const { blocks } = await readBlocks(openCsv, "Oster,12.5\nMewstone,9\n");

    expect(lines(blocks)).toEqual(["table_row: Oster | 12.5", "table_row: Mewstone | 9"]);
  });

  it("may have its title above its header", async () => {
    const { blocks } = await readBlocks(
      openCsv,
      "Boats of 2026,,\n\nName,Built,Crew\nCorvina,1991,9\n",
    );

    expect(lines(blocks)).toEqual([
      "paragraph: Boats of 2026",
      "table_row: Corvina | 1991 | 9 <- Name, Built, Crew",
    ]);
  });

  it("is read in ranges of rows, with quoted line breaks kept together", async () => {
    const rows = Array.from({ length: 1000 }, (_, row) => `${row},"first\nsecond ""line""\n"`);

    const { units, blocks } = await readBlocks(openCsv, `number,remark\n${rows.join("\n")}`);

    expect(units).toBe(6);
    expect(blocks.map(({ text }) => text)).toEqual(
      rows.map((_, row) => `${row} | first second "line"`),
    );
    expect(new Set(blocks.map(({ columns }) => columns?.join()))).toEqual(
      new Set(["number,remark"]),
    );
  });

  it.each([
    ["a quotation mark that nobody closes", 'a,b\n1,"open\n2,3\n', '1 | "open'],
    ["one within a cell", 'a,b\n1,5" pipe\n2,3\n', '1 | 5" pipe'],
    ["text behind a closing one", 'a,b\n1,"x" y\n2,3\n', '1 | "x" y'],
    ["rows of all lengths", "a,b\n1\n2,3,4,5\n", "1"],
  ])("with %s is read all the same", async (_, text, first) => {
    const { blocks } = await readBlocks(openCsv, text);

    expect(blocks[0]?.text).toBe(first);
    expect(blocks).toHaveLength(2);
  });

  it("with one endless quoted cell is read by its lines", async () => {
    const line = `${"word ".repeat(20)},more\n`;

    const { blocks } = await readBlocks(openCsv, `1,"${line.repeat(3000)}"`);

    expect(blocks).toHaveLength(3001);
  });

  it("without rows is refused as empty", async () => {
    const opened = openCsv(new TextEncoder().encode("\n\n"), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });
});
