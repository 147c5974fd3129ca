import { z } from "zod";

/** Characters of a text that a model is shown at once. */
const PAGE_CHARACTERS = 20_000;

/** A part of a text, and where the next one begins; null at the end. */
export interface TextPage {
  text: string;
  next_offset: number | null;
}

/** The input by which a model reads on. */
export const offsetInput = z
  .int()
  .min(0)
  .max(10_000_000)
  .optional()
  .describe("Where to read on, as next_offset said.");

/** One page of a text, beginning at a character. Never ends between two halves of a character. */
export function textPage(text: string, offset = 0): TextPage {
  let end = offset + PAGE_CHARACTERS;
  if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) {
    end -= 1;
  }
  return { text: text.slice(offset, end), next_offset: end < text.length ? end : null };
}
