import type { ZipMembers } from "./open-zip.ts";
import { requirePartSize } from "./refusals.ts";
import { sheetRows } from "./sheet-rows.ts";
import { findHeader, HEADER_ROWS, type TableHeader } from "./table-header.ts";
import type { Workbook } from "./workbook.ts";

/** What is known of a sheet before its rows are read. */
export interface SheetFacts {
  /** How many rows say something; none of a hidden sheet. */
  rows: number;
  header: TableHeader | null;
}

/**
 * Reads ranges of rows. Goes on where the last range ended: from the beginning of a sheet only when
 * another range is asked for. Keeps one sheet at a time.
 */
export class SheetReader {
  private sheet = -1;
  private part: Uint8Array = new Uint8Array();
  private next = 0;
  private iterator: Iterator<string[], void> | null = null;

  constructor(
    private readonly members: ZipMembers,
    private readonly workbook: Workbook,
  ) {}

  async facts(sheet: number, signal: AbortSignal): Promise<SheetFacts> {
    if (this.workbook.sheets[sheet]?.isHidden) {
      return { rows: 0, header: null };
    }
    let rows = 0;
    const first: string[][] = [];
    for (const row of sheetRows(await this.partOf(sheet, signal), this.workbook)) {
      signal.throwIfAborted();
      rows += 1;
      if (rows <= HEADER_ROWS) {
        first.push(row);
      }
    }
    return { rows, header: findHeader(first) };
  }

  /** The rows behind the first `skip` ones that say something, at most `count` of them. */
  async rows(sheet: number, skip: number, count: number, signal: AbortSignal): Promise<string[][]> {
    if (!this.iterator || this.sheet !== sheet || this.next > skip) {
      this.iterator = sheetRows(await this.partOf(sheet, signal), this.workbook);
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
    this.sheet = -1;
    this.part = new Uint8Array();
  }

  private async partOf(sheet: number, signal: AbortSignal): Promise<Uint8Array> {
    if (this.sheet !== sheet) {
      this.close();
      const part = await this.members.bytes(this.workbook.sheets[sheet]?.target ?? "", signal);
      requirePartSize(part);
      this.part = part;
      this.sheet = sheet;
    }
    return this.part;
  }
}
