import { cleanLine, LINE_BREAK } from "./clean-text.ts";
import type { Block } from "./document.ts";
import { parseXml, type XmlHandlers, xmlSlices } from "./parse-xml.ts";
import { type Cell, repetition, TableText } from "./table-text.ts";

/** Placeholders that say the same on every slide. */
const FURNITURE = new Set(["sldNum", "dt", "ftr", "hdr", "sldImg"]);

/** The text of a slide, its title first; of one kind of placeholder where that is given. */
export function slideBlocks(part: Uint8Array, signal: AbortSignal, only?: string): Block[] {
  const reader = new SlideReader(only);
  parseXml(part, signal, reader);
  return [...reader.titles, ...reader.blocks];
}

/** Whether a slide is not shown. */
export function isHiddenSlide(part: Uint8Array, signal: AbortSignal): boolean {
  let isHidden: boolean | undefined;
  const handlers: XmlHandlers = {
    open(_, attributes) {
      isHidden ??= attributes.show === "0" || attributes.show === "false";
    },
  };
  for (const _ of xmlSlices(part, handlers)) {
    signal.throwIfAborted();
    if (isHidden !== undefined) {
      break;
    }
  }
  return isHidden ?? false;
}

class SlideReader implements XmlHandlers {
  readonly titles: Block[] = [];
  readonly blocks: Block[] = [];
  private leftOut = 0;
  /** The placeholder that the open shape is for: "" for a body, null for none. */
  private placeholder: string | null = null;
  private isBullet: boolean | null = null;
  private isText = false;
  private isField = false;
  private line: string[] = [];
  private readonly tables: TableText[] = [];
  private readonly cells: Cell[] = [];
  private readonly room = repetition();

  constructor(private readonly only: string | undefined) {}

  open = (name: string, attributes: Record<string, string>): void => {
    if (this.leftOut > 0 || name === "Fallback") {
      this.leftOut += 1;
    } else if (name === "sp") {
      this.placeholder = null;
    } else if (name === "ph") {
      this.placeholder = attributes.type ?? "";
    } else if (name === "p") {
      this.line = [];
      this.isBullet = null;
    } else if (name === "buNone") {
      this.isBullet = false;
    } else if (name === "buChar" || name === "buAutoNum" || name === "buBlip") {
      this.isBullet = true;
    } else if (name === "fld") {
      this.isField = attributes.type === "slidenum";
    } else if (name === "t") {
      this.isText = !this.isField;
    } else if (name === "br") {
      this.line.push(LINE_BREAK);
    } else {
      this.openTable(name, attributes);
    }
  };

  close = (name: string): void => {
    if (this.leftOut > 0) {
      this.leftOut -= 1;
    } else if (name === "t") {
      this.isText = false;
    } else if (name === "fld") {
      this.isField = false;
    } else if (name === "p") {
      this.closeParagraph();
    } else if (name === "sp") {
      this.placeholder = null;
    } else if (name === "tc") {
      this.cells.pop();
    } else if (name === "tr") {
      this.add(this.tables.at(-1)?.closeRow() ?? []);
    } else if (name === "tbl") {
      const rows = this.tables.pop()?.close() ?? [];
      this.add(rows);
    }
  };

  text = (text: string): void => {
    if (this.isText && this.leftOut === 0) {
      this.line.push(text);
    }
  };

  private openTable(name: string, attributes: Record<string, string>): void {
    if (name === "tbl") {
      this.tables.push(new TableText({ hasHeader: true }, this.room));
    } else if (name === "tblPr") {
      const table = this.tables.at(-1);
      if (table) {
        table.options.hasHeader = attributes.firstRow !== "0";
      }
    } else if (name === "tc") {
      const cell = this.tables.at(-1)?.openCell();
      if (cell) {
        cell.isContinued = attributes.vMerge === "1";
        this.cells.push(cell);
      }
    }
  }

  private closeParagraph(): void {
    const text = cleanLine(this.line.join(""));
    this.line = [];
    const { placeholder } = this;
    const isOther = this.only !== undefined && placeholder !== this.only;
    if (text === "" || isOther || (placeholder !== null && FURNITURE.has(placeholder))) {
      return;
    }
    if (placeholder === "title" || placeholder === "ctrTitle") {
      this.titles.push({ kind: "heading", level: 1, text });
      return;
    }
    const isBody = placeholder === "" || placeholder === "body" || placeholder === "obj";
    const isItem = this.isBullet ?? isBody;
    this.add([{ kind: isItem && this.cells.length === 0 ? "list_item" : "paragraph", text }]);
  }

  private add(blocks: readonly Block[]): void {
    const target = this.cells.at(-1)?.blocks ?? this.blocks;
    for (const block of blocks) {
      target.push(block);
    }
  }
}
