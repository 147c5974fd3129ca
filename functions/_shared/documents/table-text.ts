import type { Block } from "./document.ts";
import { isHeader, looksLikeHeader, tableRow } from "./table-row.ts";

/** Claims beyond these are never meant. */
const MOST_WIDTH = 50;
const MOST_HEIGHT = 1000;
/** What cells over several rows or columns may add to a document. */
const MOST_REPEATED_CHARACTERS = 500_000;
/** What an empty cell takes, with what parts it from the next. */
const CELL_CHARACTERS = 3;

/** A cell while it is read; whoever reads it says what it is and fills its blocks. */
export interface Cell {
  blocks: Block[];
  isHeader: boolean;
  /** Over how many columns and rows it goes. */
  width: number;
  height: number;
  /** Whether it goes on with the cell above, which does not say its height. */
  isContinued: boolean;
}

/** How a table shows its header. */
export interface TableOptions {
  /** Whether it only places things: they come one after another, not in rows. */
  isLayout?: boolean;
  /** Whether the first row is the header when it reads like one. */
  hasHeader?: boolean;
}

/** A budget that the tables of one document share, so that no small file becomes a large text. */
export function repetition(): { characters: number } {
  return { characters: MOST_REPEATED_CHARACTERS };
}

/** A table while it is read: what its rows come to is known when each of them ends. */
export class TableText {
  /** Whether the cells to come are of the header. */
  isHead = false;
  private columns: string[] | undefined;
  private row: Cell[] = [];
  /** Cells that reach down into rows to come, by column. */
  private readonly carried = new Map<number, { text: string; rows: number }>();
  private above: string[] = [];
  private hasRows = false;

  /** When `room` is used up, each cell is one cell, whatever it claims. */
  constructor(
    readonly options: TableOptions,
    private readonly room: { characters: number },
  ) {}

  openCell(): Cell {
    const isHeader = this.isHead;
    const cell: Cell = { blocks: [], isHeader, width: 1, height: 1, isContinued: false };
    this.row.push(cell);
    return cell;
  }

  /** What the row comes to; begins the next one. */
  closeRow(): Block[] {
    const cells = this.row;
    this.row = [];
    const hasParts = cells.some(({ blocks }) =>
      blocks.some(({ kind }) => kind === "heading" || kind === "table_row"),
    );
    const isSingle = cells.length === 1 && !this.columns && this.carried.size === 0;
    if (this.options.isLayout || hasParts || isSingle || cells.length === 0) {
      return cells.flatMap(({ blocks }) => blocks);
    }
    const texts = this.spread(cells);
    this.above = texts;
    if (texts.every((text) => text === "")) {
      return [];
    }
    if (this.isOfHeader(cells, texts)) {
      const columns = this.columns ? joined(this.columns, texts) : texts;
      if (isHeader(columns)) {
        this.columns = columns;
        return [];
      }
    }
    this.hasRows = true;
    return [tableRow(texts, this.columns)];
  }

  /** What is left when the table ends. */
  close(): Block[] {
    const left = this.closeRow();
    return this.columns && !this.hasRows && left.length === 0 ? [tableRow(this.columns)] : left;
  }

  private isOfHeader(cells: readonly Cell[], texts: readonly string[]): boolean {
    if (this.hasRows) {
      return false;
    }
    const isFirst = this.columns === undefined;
    return (
      cells.every((cell) => cell.isHeader) ||
      (isFirst && this.options.hasHeader === true && looksLikeHeader(texts))
    );
  }

  /** The texts of a row by column: a cell over several rows is in each of them. */
  private spread(cells: readonly Cell[]): string[] {
    const texts: string[] = [];
    this.repeatAbove(texts);
    for (const { blocks, width, height, isContinued } of cells) {
      const own = blocks.map((block) => block.text.replaceAll("\n", " ")).join(" ");
      const over = this.above[texts.length] ?? "";
      const text = isContinued && own === "" && this.hasRoom(over) ? over : own;
      const columns = Math.min(width, MOST_WIDTH);
      for (let column = 0; column === 0 || (column < columns && this.hasRoom("")); column += 1) {
        if (height > 1) {
          const rows = Math.min(height, MOST_HEIGHT) - 1;
          this.carried.set(texts.length, { text: column === 0 ? text : "", rows });
        }
        texts.push(column === 0 ? text : "");
      }
      this.repeatAbove(texts);
    }
    return texts;
  }

  /** Goes on with the cells that reach down into the next columns. */
  private repeatAbove(texts: string[]): void {
    for (;;) {
      const column = texts.length;
      const above = this.carried.get(column);
      if (!above || !this.hasRoom(above.text)) {
        return;
      }
      texts.push(above.text);
      above.rows -= 1;
      if (above.rows === 0) {
        this.carried.delete(column);
      }
    }
  }

  private hasRoom(text: string): boolean {
    this.room.characters -= text.length + CELL_CHARACTERS;
    return this.room.characters > 0;
  }
}

function joined(columns: readonly string[], more: readonly string[]): string[] {
  const length = Math.max(columns.length, more.length);
  return Array.from({ length }, (_, place) =>
    [...new Set([columns[place], more[place]])].filter(Boolean).join(" "),
  );
}
