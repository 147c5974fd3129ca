import { decodeBytes } from "./decode-bytes.ts";
import type { OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { jsonBlocks } from "./json-blocks.ts";
import { requireSize } from "./refusals.ts";

/** Parsed, it takes many times its size. */
const MOST_MEGABYTES = 12;

/** Opens JSON, and files with a JSON value on each line. */
export const openJson: OpenFormat = async (bytes, { signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  const value = parsed(decodeBytes(bytes).replace(/^\ufeff/, ""));
  signal.throwIfAborted();
  return documentOfBlocks("json", titleOf(value), jsonBlocks(value));
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length < 2) {
      throw error;
    }
    return lines.map((line) => JSON.parse(line));
  }
}

function titleOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null) {
    return null;
  }
  const { title, name } = value as { title?: unknown; name?: unknown };
  return [title, name].find((each) => typeof each === "string") ?? null;
}
