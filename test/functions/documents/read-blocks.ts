import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Block, OpenFormat } from "../../../functions/_shared/documents/document.ts";

const FOLDER = new URL("../../support/documents/", import.meta.url);

/** A file of the collection. */
export function sample(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, FOLDER)));
}

/** What opening a file takes, as tests need it. */
export function optionsFor(fileName = "file", fileType = "") {
  return { fileName, fileType, signal: new AbortController().signal };
}

/** Opens a file and reads it unit by unit, which has to come to the same as all at once. */
export async function readBlocks(
  open: OpenFormat,
  content: Uint8Array | string,
  fileName?: string,
): Promise<{ title: string | null; units: number; hasPages: boolean; blocks: Block[] }> {
  const { signal } = new AbortController();
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const document = await open(bytes, optionsFor(fileName));
  const { title, units, hasPages } = document;
  const blocks: Block[] = [];
  for (let unit = 1; unit <= units; unit += 1) {
    blocks.push(...(await document.read(unit, unit, signal)));
  }
  expect(await document.read(1, units, signal)).toEqual(blocks);
  await document.close();
  return { title, units, hasPages, blocks };
}

/** Blocks as lines that a person can check: kind, level, page, text and, behind an arrow, columns. */
export function lines(blocks: readonly Block[]): string[] {
  return blocks.map(({ kind, level, page, text, columns }) => {
    const place = page === undefined ? "" : `${page} `;
    return `${place}${kind}${level ?? ""}: ${text}${columns ? ` <- ${columns.join(", ")}` : ""}`;
  });
}
