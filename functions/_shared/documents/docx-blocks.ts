import { cleanCode, cleanLine, LINE_BREAK } from "./clean-text.ts";
import type { Block } from "./document.ts";
import { type DocxStyle, levelOf } from "./docx-styles.ts";
import { parseXml, type XmlHandlers } from "./parse-xml.ts";
import { type Cell, repetition, TableText } from "./table-text.ts";

/** What was deleted, is computed, said twice or only about the looks. */
const LEFT_OUT = new Set(
  "del moveFrom instrText Fallback pPrChange rPrChange tblPrChange tcPrChange trPrChange sectPr rt".split(
    " ",
  ),
);

/** What a part's text needs to be understood. */
export interface DocxContext {
  style: (id: string | undefined) => DocxStyle;
  /** Texts of notes by their kind and id. */
  notes: ReadonlyMap<string, string>;
  signal: AbortSignal;
}

interface Paragraph {
  text: string[];
  style?: string;
  level?: number | undefined;
  isListItem: boolean | null;
  notes: string[];
}

/** The text of a part of a Word document. The title is the first paragraph that is styled as one. */
export function docxBlocks(
  part: Uint8Array,
  context: DocxContext,
): { title: string | null; blocks: Block[] } {
  const reader = new DocxReader(context);
  parseXml(part, context.signal, reader);
  return { title: reader.title, blocks: reader.blocks };
}

class DocxReader implements XmlHandlers {
  readonly blocks: Block[] = [];
  title: string | null = null;
  private leftOut = 0;
  private runs = 0;
  private isText = false;
  private isHidden = false;
  private isOfParagraph = false;
  /** Open ones: a text box is a paragraph within another. */
  private readonly paragraphs: Paragraph[] = [];
  private readonly tables: TableText[] = [];
  private readonly cells: Cell[] = [];
  private readonly room = repetition();

  constructor(private readonly context: DocxContext) {}

  open = (name: string, attributes: Record<string, string>): void => {
    if (this.leftOut > 0 || LEFT_OUT.has(name)) {
      this.leftOut += 1;
    } else if (!this.openStructure(name, attributes) && !this.openProperty(name, attributes)) {
      this.openContent(name, attributes);
    }
  };

  close = (name: string): void => {
    if (this.leftOut > 0) {
      this.leftOut -= 1;
    } else if (name === "p") {
      this.closeParagraph();
    } else if (name === "r") {
      this.runs -= 1;
    } else if (name === "t") {
      this.isText = false;
    } else if (name === "pPr") {
      this.isOfParagraph = false;
    } else if (name === "tc") {
      this.cells.pop();
    } else if (name === "tr") {
      this.add(this.table?.closeRow() ?? []);
    } else if (name === "tbl") {
      const rows = this.table?.close() ?? [];
      this.tables.pop();
      this.add(rows);
    }
  };

  text = (text: string): void => {
    if (this.isText && !this.isHidden && this.leftOut === 0) {
      this.paragraphs.at(-1)?.text.push(text);
    }
  };

  private get table(): TableText | undefined {
    return this.tables.at(-1);
  }

  private openStructure(name: string, attributes: Record<string, string>): boolean {
    if (name === "p") {
      this.paragraphs.push({ text: [], isListItem: null, notes: [] });
    } else if (name === "pPr") {
      this.isOfParagraph = true;
    } else if (name === "r") {
      this.runs += 1;
      this.isHidden = false;
    } else if (name === "t") {
      this.isText = true;
    } else if (name === "tbl") {
      this.tables.push(new TableText({ hasHeader: false }, this.room));
    } else if (name === "tblLook" && this.table) {
      this.table.options.hasHeader =
        attributes["w:firstRow"] === "1" || (Number(`0x${attributes["w:val"]}`) & 0x20) !== 0;
    } else if (name === "tr" && this.table) {
      this.table.isHead = false;
    } else if (name === "tblHeader" && this.table) {
      this.table.isHead = isOn(attributes);
    } else if (name === "tc" && this.table) {
      this.cells.push(this.table.openCell());
    } else {
      return false;
    }
    return true;
  }

  private openProperty(name: string, attributes: Record<string, string>): boolean {
    const value = attributes["w:val"] ?? "";
    const cell = this.cells.at(-1);
    const paragraph = this.isOfParagraph ? this.paragraphs.at(-1) : undefined;
    if (name === "gridSpan" && cell) {
      cell.width = Number(value) || 1;
    } else if (name === "vMerge" && cell) {
      cell.isContinued = value !== "restart";
    } else if (name === "vanish" && this.runs > 0) {
      this.isHidden = isOn(attributes);
    } else if (!paragraph) {
      return false;
    } else if (name === "pStyle") {
      paragraph.style = value;
    } else if (name === "outlineLvl") {
      paragraph.level = levelOf(Number(value));
    } else if (name === "numId") {
      paragraph.isListItem = value !== "0";
    }
    return true;
  }

  private openContent(name: string, attributes: Record<string, string>): void {
    const paragraph = this.paragraphs.at(-1);
    if (!paragraph || this.runs === 0 || this.isHidden) {
      return;
    }
    if (name === "tab") {
      paragraph.text.push(" ");
    } else if (name === "br" || name === "cr") {
      paragraph.text.push(LINE_BREAK);
    } else if (name === "noBreakHyphen") {
      paragraph.text.push("-");
    } else if (name === "footnoteReference" || name === "endnoteReference") {
      paragraph.notes.push(`${name.replace("Reference", "")} ${attributes["w:id"]}`);
    }
  }

  private closeParagraph(): void {
    const paragraph = this.paragraphs.pop();
    if (!paragraph) {
      return;
    }
    const style = this.context.style(paragraph.style);
    if (style.isContents) {
      return;
    }
    const raw = paragraph.text.join("");
    const text = style.isCode ? cleanCode(raw) : cleanLine(raw);
    if (text !== "") {
      this.addParagraph(text, paragraph, style);
    }
    for (const note of paragraph.notes) {
      const noted = this.context.notes.get(note);
      this.add(noted ? [{ kind: "paragraph", text: noted }] : []);
    }
  }

  private addParagraph(text: string, paragraph: Paragraph, style: DocxStyle): void {
    const level = style.isTitle ? 1 : (paragraph.level ?? style.level);
    if (style.isTitle) {
      this.title ??= text;
    }
    if (level !== undefined && this.cells.length === 0) {
      this.add([{ kind: "heading", level: Math.min(level, 6), text }]);
    } else if (style.isCode) {
      this.addCode(text);
    } else {
      const isListItem = paragraph.isListItem ?? style.isListItem;
      this.add([{ kind: isListItem ? "list_item" : "paragraph", text }]);
    }
  }

  /** Lines of code are paragraphs of their own in Word. */
  private addCode(text: string): void {
    const last = this.target().at(-1);
    if (last?.kind === "code") {
      last.text += `\n${text}`;
    } else {
      this.add([{ kind: "code", text }]);
    }
  }

  private add(blocks: readonly Block[]): void {
    const target = this.target();
    for (const block of blocks) {
      target.push(block);
    }
  }

  private target(): Block[] {
    return this.cells.at(-1)?.blocks ?? this.blocks;
  }
}

/** Whether a property that is there without a value, or with one, is in force. */
function isOn(attributes: Record<string, string>): boolean {
  return !/^(0|false|off)$/.test(attributes["w:val"] ?? "");
}
