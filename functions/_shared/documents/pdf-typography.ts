import { type Line, mostOf } from "./pdf-lines.ts";

/** How a document is set. */
export interface Typography {
  /** Size of the running text. */
  bodySize: number;
  /** Sizes of headings, the largest first. */
  headingSizes: number[];
  /** From one line of the running text to the next, in sizes. */
  leading: number;
}

/** From so much above the running text on, a size is a heading's. */
const LARGER = 1.12;

/** What most lines of some pages have in common. */
export function typographyOf(pages: readonly (readonly Line[])[]): Typography {
  const sizes = new Map<number, number>([[0, 0]]);
  for (const { size, text } of pages.flat()) {
    sizes.set(size, (sizes.get(size) ?? 0) + text.length);
  }
  const bodySize = mostOf(sizes)[0];
  const headingSizes = [...sizes.keys()].filter((size) => size > bodySize * LARGER);
  return {
    bodySize,
    headingSizes: headingSizes.sort((one, other) => other - one),
    leading: leadingOf(pages, bodySize),
  };
}

function leadingOf(pages: readonly (readonly Line[])[], bodySize: number): number {
  const counts = new Map<number, number>([[1.2, 0]]);
  for (const lines of pages) {
    for (const [index, line] of lines.entries()) {
      const next = lines[index + 1];
      const step = next ? (next.y - line.y) / bodySize : 0;
      if (next && line.size === bodySize && next.size === bodySize && step > 0.9 && step < 3) {
        const rounded = Math.round(step * 20) / 20;
        counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
      }
    }
  }
  return mostOf(counts)[0];
}

/** The level of a heading by its size, 1 to 6; null for the running text and what is smaller. */
export function levelOfSize(size: number, { bodySize, headingSizes }: Typography): number | null {
  if (size <= bodySize * LARGER) {
    return null;
  }
  return Math.min(1 + headingSizes.filter((larger) => larger > size).length, 6);
}
