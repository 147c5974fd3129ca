import type { Block, OpenFormat } from "./document.ts";
import { officeTitle } from "./office-title.ts";
import { openZip, type ZipMembers } from "./open-zip.ts";
import { empty } from "./refusals.ts";
import { sheetRows } from "./sheet-rows.ts";
import { looksLikeHeader, tableRow } from "./table-row.ts";
import { readWorkbook, type Workbook } from "./workbook.ts";

/** As many rows make a unit. */
const UNIT_ROWS = 200;

/** A range of rows of one sheet. */
interface Unit {
  sheet: number;
  /** Rows of the sheet that come before. */
  skip: number;
}

interface SheetFacts {
  rows: number;
  columns: string[] | undefined;
}

/**
 * Opens Excel workbooks, range of rows by range of rows. A sheet is a page, even one that is hidden,
 * which is left out. Cells that claim a far place cost nothing: only those with a value are kept.
 */
export const openXlsx: OpenFormat = async (bytes, { signal }) => {
  const members = await openZip(bytes);
  const workbook = await readWorkbook(members, signal);
  const facts: SheetFacts[] = [];
  for (const index of workbook.sheets.keys()) {
    facts.push(await factsOf(members, workbook, index, signal));
  }
  const units = facts.flatMap(({ rows }, sheet) =>
    Array.from({ length: Math.ceil(rows / UNIT_ROWS) }, (_, part): Unit => {
      return { sheet, skip: part * UNIT_ROWS };
    }),
  );
  if (units.length === 0) {
    throw empty();
  }
  const cursor = new RowCursor(members, workbook);
  return {
    format: "xlsx",
    title: await officeTitle(members, "docProps/core.xml", signal),
    units: units.length,
    hasPages: true,
    async read(from, to, reading) {
      const blocks: Block[] = [];
      for (const unit of units.slice(from - 1, to)) {
        const rows = await cursor.rows(unit.sheet, unit.skip, UNIT_ROWS, reading);
        append(blocks, rowBlocks(rows, unit, workbook, facts[unit.sheet]?.columns));
      }
      return blocks;
    },
    async close() {
      cursor.close();
    },
  };
};

async function factsOf(
  members: ZipMembers,
  workbook: Workbook,
  sheet: number,
  signal: AbortSignal,
): Promise<SheetFacts> {
  const part = workbook.sheets[sheet];
  if (!part || part.isHidden) {
    return { rows: 0, columns: undefined };
  }
  let rows = 0;
  let first: string[] | undefined;
  for (const row of sheetRows(await members.bytes(part.target, signal), workbook)) {
    signal.throwIfAborted();
    first ??= row;
    rows += 1;
  }
  return { rows, columns: rows > 1 && first && looksLikeHeader(first) ? first : undefined };
}

function rowBlocks(
  rows: readonly string[][],
  { sheet, skip }: Unit,
  workbook: Workbook,
  columns: string[] | undefined,
): Block[] {
  const page = sheet + 1;
  const name = workbook.sheets[sheet]?.name ?? "";
  const heading: Block[] =
    skip === 0 && name ? [{ kind: "heading", level: 1, text: name, page }] : [];
  const values = skip === 0 && columns ? rows.slice(1) : rows;
  return [...heading, ...values.map((row): Block => ({ ...tableRow(row, columns), page }))];
}

/** Reads on where the last range ended: from the sheet's beginning only when another is asked for. */
class RowCursor {
  private sheet = -1;
  private next = 0;
  private iterator: Iterator<string[], void> | null = null;

  constructor(
    private readonly members: ZipMembers,
    private readonly workbook: Workbook,
  ) {}

  async rows(sheet: number, skip: number, count: number, signal: AbortSignal): Promise<string[][]> {
    if (!this.iterator || this.sheet !== sheet || this.next > skip) {
      const bytes = await this.members.bytes(this.workbook.sheets[sheet]?.target ?? "", signal);
      this.iterator = sheetRows(bytes, this.workbook);
      this.sheet = sheet;
      this.next = 0;
    }
    const rows: string[][] = [];
    while (this.next < skip + count) {
      signal.throwIfAborted();
      const { value } = this.iterator.next();
      if (!value) {
        break;
      }
      if (this.next >= skip) {
        rows.push(value);
      }
      this.next += 1;
    }
    return rows;
  }

  close(): void {
    this.iterator = null;
  }
}

function append(target: Block[], blocks: readonly Block[]): void {
  for (const block of blocks) {
    target.push(block);
  }
}
