import { Parser } from "htmlparser2";
import { cleanCode, cleanLine, LINE_BREAK } from "./clean-text.ts";
import type { Block } from "./document.ts";
import { tooDeep } from "./refusals.ts";
import { repetition, TableText } from "./table-text.ts";

/** Unclosed tags nest by hundreds in bad pages; each end tag is looked for among all of them. */
const MOST_LEVELS = 1000;

/** Not text, or not the page's own text. */
const LEFT_OUT = new Set(
  "audio button canvas dialog iframe map math nav noframes noscript object rp rt script select style svg template textarea video".split(
    " ",
  ),
);
/** What a line of text goes on through. */
const INLINE = new Set(
  "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q ruby s samp small span strike strong sub sup time tt u var wbr".split(
    " ",
  ),
);

/** The text of a page or of a part of one: its blocks, and its title if it has one. */
export function htmlBlocks(html: string): { title: string | null; blocks: Block[] } {
  const reader = new HtmlReader();
  const parser = new Parser(
    {
      onopentag: (name, attributes) => reader.open(name, attributes),
      onclosetag: (name) => reader.close(name),
      ontext: (text) => reader.text(text),
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return reader.result();
}

type Kind = Pick<Block, "kind" | "level">;

class HtmlReader {
  private readonly blocks: Block[] = [];
  private title: string | null = null;
  private levels = 0;
  /** Open elements that are left out, from the outermost on. */
  private leftOut = 0;
  private isTitle = false;
  private line: string[] = [];
  /** What text is in, innermost last. */
  private readonly kinds: Kind[] = [];
  private readonly tables: TableText[] = [];
  private readonly room = repetition();
  /** Where blocks go: into the innermost cell. */
  private readonly targets: Block[][] = [this.blocks];

  open(name: string, attributes: Record<string, string>): void {
    this.levels += 1;
    if (this.levels > MOST_LEVELS) {
      throw tooDeep(MOST_LEVELS);
    }
    if (this.leftOut > 0 || LEFT_OUT.has(name) || isHidden(attributes)) {
      this.leftOut += 1;
      return;
    }
    if (name === "br") {
      this.line.push(LINE_BREAK);
    } else if (name === "img") {
      this.line.push(` ${attributes.alt ?? ""} `);
    }
    if (INLINE.has(name) || name === "br") {
      return;
    }
    this.flush();
    if (name === "title") {
      this.isTitle = true;
    } else if (name === "table") {
      const isLayout = /^(presentation|none)$/.test(attributes.role ?? "");
      this.tables.push(new TableText({ isLayout }, this.room));
    } else if (name === "thead") {
      this.setHead(true);
    } else if (name === "td" || name === "th") {
      this.targets.push(this.openCell(name === "th", attributes) ?? this.target());
      this.kinds.push({ kind: "paragraph" });
    } else {
      const kind = kindOf(name);
      if (kind) {
        this.kinds.push(kind);
      }
    }
  }

  close(name: string): void {
    this.levels -= 1;
    if (this.leftOut > 0) {
      this.leftOut -= 1;
      return;
    }
    if (INLINE.has(name) || name === "br") {
      return;
    }
    this.flush();
    if (name === "title") {
      this.isTitle = false;
    } else if (name === "table") {
      const rows = this.tables.pop()?.close() ?? [];
      append(this.target(), rows);
    } else if (name === "thead") {
      this.setHead(false);
    } else if (name === "tr") {
      append(this.target(), this.tables.at(-1)?.closeRow() ?? []);
    } else if (name === "td" || name === "th") {
      this.targets.pop();
      this.kinds.pop();
    } else if (kindOf(name)) {
      this.kinds.pop();
    }
  }

  text(text: string): void {
    if (this.leftOut === 0) {
      this.line.push(text);
    }
  }

  result(): { title: string | null; blocks: Block[] } {
    this.flush();
    const first = this.blocks.find(({ kind, level }) => kind === "heading" && level === 1);
    return { title: this.title ?? first?.text ?? null, blocks: this.blocks };
  }

  private openCell(isHeader: boolean, attributes: Record<string, string>): Block[] | undefined {
    const cell = this.tables.at(-1)?.openCell();
    if (cell) {
      cell.isHeader ||= isHeader;
      cell.width = Number.parseInt(attributes.colspan ?? "1", 10) || 1;
      cell.height = Number.parseInt(attributes.rowspan ?? "1", 10) || 1;
    }
    return cell?.blocks;
  }

  private flush(): void {
    if (this.line.length === 0) {
      return;
    }
    const kind = this.kinds.at(-1) ?? { kind: "paragraph" };
    const raw = this.line.join("");
    this.line = [];
    const text = kind.kind === "code" ? cleanCode(raw) : cleanLine(raw);
    if (text === "") {
      return;
    }
    if (this.isTitle) {
      this.title ??= text;
    } else {
      this.target().push({ ...kind, text });
    }
  }

  private target(): Block[] {
    return this.targets.at(-1) ?? this.blocks;
  }

  private setHead(isHead: boolean): void {
    const table = this.tables.at(-1);
    if (table) {
      table.isHead = isHead;
    }
  }
}

function kindOf(name: string): Kind | null {
  if (/^h[1-6]$/.test(name)) {
    return { kind: "heading", level: Number(name[1]) };
  }
  if (name === "li") {
    return { kind: "list_item" };
  }
  return name === "pre" ? { kind: "code" } : null;
}

function isHidden(attributes: Record<string, string>): boolean {
  return (
    attributes.hidden !== undefined ||
    attributes["aria-hidden"] === "true" ||
    /^(navigation|doc-noteref|doc-backlink)$/.test(attributes.role ?? "") ||
    /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])/i.test(
      attributes.style ?? "",
    )
  );
}

function append(target: Block[], blocks: readonly Block[]): void {
  for (const block of blocks) {
    target.push(block);
  }
}
