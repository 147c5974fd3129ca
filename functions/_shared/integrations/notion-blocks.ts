import { z } from "zod";
import { type ProviderApi, pathOf } from "./provider-api.ts";

/** Most characters of one text of Notion's. */
const TEXT_CHARACTERS = 2000;

/** A text as Notion's rich text, of at most 2000 characters. */
export function richText(content: string) {
  return { type: "text", text: { content } };
}

/** A text as Notion's paragraphs: parted by empty lines, and where one is longer than they may be. */
export function paragraphs(text: string) {
  return text
    .split(/\r?\n[ \t]*(?:\r?\n[ \t]*)+/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .flatMap(pieces)
    .map((piece) => ({
      object: "block",
      type: "paragraph",
      paragraph: { rich_text: [richText(piece)] },
    }));
}

/** Writes what the first request did not take; answers how many blocks the page has. */
export async function appendBlocks(
  api: ProviderApi,
  pageId: string,
  blocks: unknown[],
  perRequest: number,
): Promise<number> {
  let written = Math.min(blocks.length, perRequest);
  while (written < blocks.length) {
    const children = blocks.slice(written, written + perRequest);
    try {
      await api.json(z.object({}), {
        method: "PATCH",
        path: pathOf`blocks/${pageId}/children`,
        json: { children },
      });
    } catch {
      // The page is there: whoever asked must hear of it, and not make it anew.
      return written;
    }
    written += children.length;
  }
  return written;
}

/** Parts of at most 2000 characters, at the last blank that fits, never within a letter. */
function pieces(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > TEXT_CHARACTERS) {
    const blank = rest.lastIndexOf(" ", TEXT_CHARACTERS);
    let end = blank > TEXT_CHARACTERS / 2 ? blank : TEXT_CHARACTERS;
    if (/[\uD800-\uDBFF]/.test(rest[end - 1] ?? "")) {
      end -= 1;
    }
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...parts, rest];
}
