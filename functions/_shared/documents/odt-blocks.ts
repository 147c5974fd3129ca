import { cleanCode, cleanLine, LINE_BREAK } from "./clean-text.ts";
import type { Block } from "./document.ts";
import { OdtStyles } from "./odt-styles.ts";
import { parseXml, type XmlHandlers } from "./parse-xml.ts";
import { type Cell, repetition, TableText } from "./table-text.ts";

/** What was deleted, noted in the margin, repeated from the headings or is no text. */
const LEFT_OUT = new Set(
  "tracked-changes annotation table-of-content illustration-index table-index user-index object-index alphabetical-index bibliography note-citation hidden-text title desc binary-data forms scripts".split(
    " ",
  ),
);
const MOST_SPACES = 100;

/** The text of an OpenDocument text. The title is the first paragraph that is styled as one. */
export function odtBlocks(
  content: Uint8Array,
  styleParts: readonly Uint8Array[],
  signal: AbortSignal,
): { title: string | null; blocks: Block[] } {
  const styles = new OdtStyles();
  for (const part of styleParts) {
    parseXml(part, signal, styles);
  }
  const reader = new OdtReader(styles);
  parseXml(content, signal, reader);
  return { title: reader.title, blocks: reader.blocks };
}

interface Paragraph {
  text: string[];
  kind: Block["kind"];
  level?: number;
  isTitle: boolean;
  isHidden: boolean;
}

class OdtReader implements XmlHandlers {
  readonly blocks: Block[] = [];
  title: string | null = null;
  private leftOut = 0;
  private lists = 0;
  /** Open ones: a text box or a note is a paragraph within another. */
  private readonly paragraphs: Paragraph[] = [];
  /** For each open span, whether it is shown. */
  private readonly spans: boolean[] = [];
  /** What stands in a paragraph comes after it. */
  private readonly waiting: Block[] = [];
  private readonly tables: TableText[] = [];
  private readonly cells: Cell[] = [];
  private readonly room = repetition();

  constructor(private readonly styles: OdtStyles) {}

  open = (name: string, attributes: Record<string, string>): void => {
    const isHidden = name === "section" && attributes["text:display"] === "none";
    if (this.leftOut > 0 || LEFT_OUT.has(name) || isHidden) {
      this.leftOut += 1;
      return;
    }
    this.styles.open(name, attributes);
    if (name === "h" || name === "p") {
      this.paragraphs.push(this.paragraph(name, attributes));
    } else if (name === "span") {
      this.spans.push(!this.styles.isHidden(attributes["text:style-name"]));
    } else if (name === "list") {
      this.lists += 1;
    } else if (!this.openInline(name, attributes)) {
      this.openTable(name, attributes);
    }
  };

  close = (name: string): void => {
    if (this.leftOut > 0) {
      this.leftOut -= 1;
    } else if (name === "h" || name === "p") {
      this.closeParagraph();
    } else if (name === "span") {
      this.spans.pop();
    } else if (name === "list") {
      this.lists -= 1;
    } else if (name === "table-cell") {
      this.cells.pop();
    } else if (name === "table-row") {
      this.add(this.tables.at(-1)?.closeRow() ?? []);
    } else if (name === "table-header-rows") {
      this.setHead(false);
    } else if (name === "table") {
      const rows = this.tables.pop()?.close() ?? [];
      this.add(rows);
    }
  };

  text = (text: string): void => {
    const paragraph = this.paragraphs.at(-1);
    if (paragraph && this.leftOut === 0 && !this.spans.includes(false)) {
      paragraph.text.push(text);
    }
  };

  private openInline(name: string, attributes: Record<string, string>): boolean {
    if (name === "s") {
      const count = Math.min(Number(attributes["text:c"] ?? "1") || 1, MOST_SPACES);
      this.text(" ".repeat(count));
    } else if (name === "tab") {
      this.text(" ");
    } else if (name === "line-break") {
      this.text(LINE_BREAK);
    } else {
      return false;
    }
    return true;
  }

  private openTable(name: string, attributes: Record<string, string>): void {
    if (name === "table") {
      this.tables.push(new TableText({}, this.room));
    } else if (name === "table-header-rows") {
      this.setHead(true);
    } else if (name === "table-cell") {
      const cell = this.tables.at(-1)?.openCell();
      if (cell) {
        cell.width = Number(attributes["table:number-columns-spanned"]) || 1;
        cell.height = Number(attributes["table:number-rows-spanned"]) || 1;
        this.cells.push(cell);
      }
    }
  }

  private setHead(isHead: boolean): void {
    const table = this.tables.at(-1);
    if (table) {
      table.isHead = isHead;
    }
  }

  private paragraph(name: string, attributes: Record<string, string>): Paragraph {
    const style = attributes["text:style-name"];
    const kind = this.styles.kindOf(style);
    const isHidden = this.styles.isHidden(style);
    const isTitle = kind === "title";
    const base = { text: [], isTitle, isHidden };
    if (this.cells.length === 0 && (name === "h" || isTitle)) {
      const level = isTitle ? 1 : Number(attributes["text:outline-level"]) || 1;
      return { ...base, kind: "heading", level: Math.min(Math.max(level, 1), 6) };
    }
    if (kind === "code") {
      return { ...base, kind: "code" };
    }
    return { ...base, kind: this.lists > 0 ? "list_item" : "paragraph" };
  }

  private closeParagraph(): void {
    const paragraph = this.paragraphs.pop();
    if (!paragraph) {
      return;
    }
    const { kind, level, isTitle, isHidden } = paragraph;
    const raw = paragraph.text.join("");
    const text = kind === "code" ? cleanCode(raw) : cleanLine(raw);
    const block: Block = level === undefined ? { kind, text } : { kind, level, text };
    const blocks = text === "" || isHidden ? [] : [block];
    if (this.paragraphs.length > 0) {
      this.waiting.push(...blocks);
      return;
    }
    if (isTitle && blocks.length > 0) {
      this.title ??= text;
    }
    const last = this.target().at(-1);
    if (kind === "code" && last?.kind === "code" && blocks.length > 0) {
      last.text += `\n${text}`;
    } else {
      this.add(blocks);
    }
    this.add(this.waiting.splice(0));
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
