import type { Block, OpenFormat } from "./document.ts";
import { officeTitle } from "./office-title.ts";
import { openZip } from "./open-zip.ts";
import { empty } from "./refusals.ts";
import { type SheetFacts, SheetReader } from "./sheet-reader.ts";
import { rowBlocks } from "./table-header.ts";
import { readWorkbook } from "./workbook.ts";

/** As many rows make a unit. */
const UNIT_ROWS = 200;

/**
 * Opens Excel workbooks, range of rows by range of rows. A sheet is a page; a hidden one counts, and
 * is left out. Cells that claim a far place cost nothing: only those with a value are kept.
 */
export const openXlsx: OpenFormat = async (bytes, { signal }) => {
  const members = await openZip(bytes);
  const workbook = await readWorkbook(members, signal);
  const reader = new SheetReader(members, workbook);
  const facts: SheetFacts[] = [];
  for (const sheet of workbook.sheets.keys()) {
    facts.push(await reader.facts(sheet, signal));
  }
  const units = facts.flatMap(({ rows, header }, sheet) => {
    const { name = "" } = workbook.sheets[sheet] ?? {};
    return Array.from({ length: Math.ceil(rows / UNIT_ROWS) }, (_, range) => {
      return { sheet, name, header, skip: range * UNIT_ROWS };
    });
  });
  if (units.length === 0) {
    throw empty();
  }

  return {
    format: "xlsx",
    title: await officeTitle(members, "docProps/core.xml", signal),
    units: units.length,
    hasPages: true,
    async read(from, to, reading) {
      const blocks: Block[] = [];
      for (const { sheet, name, header, skip } of units.slice(from - 1, to)) {
        const page = sheet + 1;
        const rows = await reader.rows(sheet, skip, UNIT_ROWS, reading);
        if (skip === 0 && name !== "") {
          blocks.push({ kind: "heading", level: 1, text: name, page });
        }
        for (const [index, row] of rows.entries()) {
          blocks.push(...rowBlocks(row, skip + index, header).map((block) => ({ ...block, page })));
        }
      }
      return blocks;
    },
    async close() {
      reader.close();
    },
  };
};
