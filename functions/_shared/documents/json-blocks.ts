import { cleanLine } from "./clean-text.ts";
import type { Block } from "./document.ts";
import { tooDeep } from "./refusals.ts";
import { isHeader, tableRow } from "./table-row.ts";

const MOST_LEVELS = 100;
/** Records with more members are not a table that anybody can read. */
const MOST_COLUMNS = 30;

type Scalar = string | number | boolean | null;

/** A value as a text: names of members are headings, lists of alike records are tables. */
export function jsonBlocks(value: unknown): Block[] {
  const blocks: Block[] = [];
  addValue(value, 1, 0, blocks);
  return blocks;
}

function addValue(value: unknown, level: number, depth: number, blocks: Block[]): void {
  if (depth > MOST_LEVELS) {
    throw tooDeep(MOST_LEVELS);
  }
  if (isScalar(value)) {
    add(blocks, { kind: "paragraph", text: shown(value) });
  } else if (Array.isArray(value)) {
    addList(value, level, depth, blocks);
  } else {
    addObject(value as Record<string, unknown>, level, depth, blocks);
  }
}

function addObject(
  value: Record<string, unknown>,
  level: number,
  depth: number,
  blocks: Block[],
): void {
  const members = Object.entries(value);
  const lines = members.flatMap(([name, each]) => {
    const text = isScalar(each) ? shown(each) : simpleList(each);
    return text ? [`${name}: ${text}`] : [];
  });
  if (lines.length > 0) {
    blocks.push({ kind: "paragraph", text: lines.join("\n") });
  }
  for (const [name, each] of members) {
    if (!isScalar(each) && simpleList(each) === null) {
      add(blocks, { kind: "heading", level: Math.min(level, 6), text: name });
      addValue(each, level + 1, depth + 1, blocks);
    }
  }
}

function addList(values: readonly unknown[], level: number, depth: number, blocks: Block[]): void {
  if (values.length > 0 && values.every(isScalarList)) {
    for (const row of values) {
      add(blocks, tableRow(row.map(shownInRow)));
    }
    return;
  }
  const columns = values.every(isRecord) ? columnsOf(values) : null;
  if (columns) {
    for (const value of values) {
      const record = flat(value as Record<string, unknown>);
      add(
        blocks,
        tableRow(
          columns.map((column) => record?.get(column)?.replaceAll("\n", " ") ?? ""),
          columns,
        ),
      );
    }
    return;
  }
  for (const each of values) {
    if (isScalar(each)) {
      add(blocks, { kind: "list_item", text: shown(each) });
    } else {
      addValue(each, level, depth + 1, blocks);
    }
  }
}

/** The members of records as one row each; null when they are no table. */
function columnsOf(values: readonly Record<string, unknown>[]): string[] | null {
  const columns = new Set<string>();
  for (const value of values) {
    const record = flat(value);
    for (const name of record?.keys() ?? []) {
      columns.add(name);
    }
    if (record === null || columns.size > MOST_COLUMNS) {
      return null;
    }
  }
  return isHeader([...columns]) ? [...columns] : null;
}

/** A record with the members of its members beside its own; null when it holds other records. */
function flat(record: Record<string, unknown>): Map<string, string> | null {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(record)) {
    const inner = isRecord(value) ? value : null;
    for (const [innerName, each] of inner ? Object.entries(inner) : [["", value] as const]) {
      const text = isScalar(each) ? shown(each) : simpleList(each);
      if (text === null) {
        return null;
      }
      texts.set(inner ? `${name}.${innerName}` : name, text);
    }
  }
  return texts;
}

/** A list of scalars as one text; null for anything else. */
function simpleList(value: unknown): string | null {
  return isScalarList(value) && value.every((each) => shown(each).length <= 100)
    ? value.map(shown).filter(Boolean).join(", ")
    : null;
}

function isScalarList(value: unknown): value is Scalar[] {
  return Array.isArray(value) && value.every(isScalar);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value !== "object" || value === null;
}

function shown(value: Scalar): string {
  return value === null ? "" : cleanLine(String(value).replaceAll("\n", "\u2028"));
}

function shownInRow(value: Scalar): string {
  return shown(value).replaceAll("\n", " ");
}

function add(blocks: Block[], block: Block): void {
  if (block.text !== "") {
    blocks.push(block);
  }
}
