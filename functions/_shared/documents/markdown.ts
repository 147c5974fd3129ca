import { marked, type Token, type Tokens } from "marked";
import { cleanCode, cleanLine, LINE_BREAK } from "./clean-text.ts";
import { decodeBytes } from "./decode-bytes.ts";
import { decodeEntities } from "./decode-entities.ts";
import type { Block, OpenDocument, OpenFormat } from "./document.ts";
import { htmlBlocks } from "./html-blocks.ts";
import { markdownPieces } from "./markdown-pieces.ts";
import { empty, requireSize } from "./refusals.ts";
import { isHeader, tableRow } from "./table-row.ts";

const MOST_MEGABYTES = 32;

/** Opens Markdown; its units are pieces between two blocks. */
export const openMarkdown: OpenFormat = async (bytes, { signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  const { title, body } = withoutFrontMatter(decodeBytes(bytes));
  signal.throwIfAborted();
  const pieces = markdownPieces(body);
  if (pieces.length === 0) {
    throw empty();
  }
  const document: OpenDocument = {
    format: "markdown",
    title: title ?? firstHeading(pieces[0] ?? ""),
    units: pieces.length,
    hasPages: false,
    async read(from, to, reading) {
      return pieces.slice(from - 1, to).flatMap((piece) => {
        reading.throwIfAborted();
        return markdownBlocks(piece);
      });
    },
    async close() {
      pieces.length = 0;
    },
  };
  return document;
};

/** The blocks of a piece of Markdown. */
export function markdownBlocks(markdown: string): Block[] {
  try {
    const blocks: Block[] = [];
    addTokens(marked.lexer(markdown), blocks, { kind: "paragraph" });
    return blocks;
  } catch {
    // What nests so deeply that it cannot be parsed is read as it is written.
    return markdown
      .split(/\n\s*\n/)
      .map((text): Block => ({ kind: "paragraph", text: cleanLine(text) }))
      .filter(({ text }) => text !== "");
  }
}

type Kind = Pick<Block, "kind">;

function addTokens(tokens: readonly Token[], blocks: Block[], kind: Kind): void {
  for (const token of tokens) {
    addToken(token, blocks, kind);
  }
}

function addToken(token: Token, blocks: Block[], kind: Kind): void {
  switch (token.type) {
    case "heading":
      add(blocks, { kind: "heading", level: token.depth, text: headingText(token.tokens) });
      break;
    case "paragraph":
    case "text":
      add(blocks, { ...kind, text: token.tokens ? inline(token.tokens) : token.text });
      break;
    case "code":
      add(blocks, { kind: "code", text: cleanCode(token.text) });
      break;
    case "list":
      for (const item of (token as Tokens.List).items) {
        addTokens(item.tokens, blocks, { kind: "list_item" });
      }
      break;
    case "blockquote":
      addTokens(token.tokens ?? [], blocks, kind);
      break;
    case "table":
      addTable(token as Tokens.Table, blocks);
      break;
    case "html":
      blocks.push(...htmlBlocks(token.text).blocks);
      break;
  }
}

function addTable({ header, rows }: Tokens.Table, blocks: Block[]): void {
  const columns = header.map((cell) => cleanLine(inline(cell.tokens)));
  const hasHeader = isHeader(columns) && rows.length > 0;
  if (!hasHeader) {
    add(blocks, tableRow(columns));
  }
  for (const row of rows) {
    const texts = row.map((cell) => cleanLine(inline(cell.tokens)));
    add(blocks, tableRow(texts, hasHeader ? columns : undefined));
  }
}

/** Without the identifier that some dialects put behind a heading. */
function headingText(tokens: readonly Token[] | undefined): string {
  return inline(tokens).replace(/\s*\{[#.][^{}]*\}\s*$/, "");
}

/** The text of what is within a line: links by their words, images by theirs, no markup and no marks of notes. */
function inline(tokens: readonly Token[] = []): string {
  return tokens
    .map((token) => {
      if (token.type === "br") {
        return LINE_BREAK;
      }
      if (token.type === "html") {
        return "";
      }
      if (token.type === "text" && !token.tokens) {
        return decodeEntities(token.text.replace(/\[\^[^\]\s]+\]:?/g, ""));
      }
      const inner = "tokens" in token ? token.tokens : undefined;
      return inner ? inline(inner) : "text" in token ? String(token.text) : token.raw;
    })
    .join("");
}

function add(blocks: Block[], block: Block): void {
  const text = block.kind === "code" ? block.text : cleanLine(block.text);
  if (text !== "") {
    blocks.push({ ...block, text });
  }
}

/** A block of YAML at the beginning is about the text, not of it; its title is kept. */
function withoutFrontMatter(text: string): { title: string | null; body: string } {
  const matter = /^\ufeff?---\n([\s\S]{0,20000}?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|$)/.exec(text);
  if (!matter) {
    return { title: null, body: text };
  }
  const title = /^title:[^\S\n]*(["']?)(.+?)\1[^\S\n]*$/m.exec(matter[1] ?? "");
  return { title: title?.[2] ?? null, body: text.slice(matter[0].length) };
}

function firstHeading(piece: string): string | null {
  const heading = markdownBlocks(piece).find(
    ({ kind, level }) => kind === "heading" && level === 1,
  );
  return heading?.text ?? null;
}
