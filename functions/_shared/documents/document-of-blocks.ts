import type { Block, DocumentFormat, OpenDocument } from "./document.ts";
import { empty, tooLarge } from "./refusals.ts";

/** How much text one unit holds, about: some pages of print. */
const UNIT_CHARACTERS = 16_000;

/** A file of nothing but marks has more parts than memory holds. */
const MOST_BLOCKS = 400_000;

/** A document without pages whose blocks are all there. Throws `document_empty` when none is. */
export function documentOfBlocks(
  format: DocumentFormat,
  title: string | null,
  blocks: Block[],
): OpenDocument {
  if (blocks.length === 0) {
    throw empty();
  }
  if (blocks.length > MOST_BLOCKS) {
    throw tooLarge("400,000 paragraphs");
  }
  const starts = unitStarts(blocks);
  return {
    format,
    title: title || null,
    units: starts.length,
    hasPages: false,
    async read(from, to, signal) {
      signal.throwIfAborted();
      return blocks.slice(starts[from - 1] ?? blocks.length, starts[to] ?? blocks.length);
    },
    async close() {
      blocks = [];
    },
  };
}

function unitStarts(blocks: readonly Block[]): number[] {
  const starts = [0];
  let length = 0;
  for (const [index, { text }] of blocks.entries()) {
    if (length > UNIT_CHARACTERS) {
      starts.push(index);
      length = 0;
    }
    length += text.length;
  }
  return starts;
}
