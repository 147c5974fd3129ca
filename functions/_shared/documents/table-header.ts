import type { Block } from "./document.ts";
import { looksLikeHeader, tableRow } from "./table-row.ts";

/** As many rows of a table are looked through for its header. */
export const HEADER_ROWS = 10;

/** The row that names a table's columns. */
export interface TableHeader {
  /** Its number among the rows, from 0. */
  place: number;
  columns: string[];
}

/** The first row of several cells, below titles of one, if it reads like a header of what follows. */
export function findHeader(first: readonly string[][]): TableHeader | null {
  const place = first.findIndex((row) => row.filter((text) => text !== "").length > 1);
  const columns = first[place];
  return columns && place + 1 < first.length && looksLikeHeader(columns)
    ? { place, columns }
    : null;
}

/** What the row of that number is: the header is said with each row below it, titles are text. */
export function rowBlocks(row: string[], place: number, header: TableHeader | null): Block[] {
  if (header && place < header.place) {
    return [{ kind: "paragraph", text: row.filter(Boolean).join(" ") }];
  }
  const block = place === header?.place ? null : tableRow(row, header?.columns);
  return block && block.text !== "" ? [block] : [];
}
