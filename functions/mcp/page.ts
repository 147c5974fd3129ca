import { z } from "zod";
import { HttpError } from "../_shared/errors/http-error.ts";

/** Which part of a list; newest first throughout. */
export interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** The last row of a page: the next one begins after it. */
export interface Position {
  at: string;
  id: string;
}

/** Inputs of tools that answer lists. */
export const pageInput = {
  limit: z.int().min(1).max(100).default(25).describe("Most items of a page."),
  cursor: z
    .string()
    .max(100)
    .optional()
    .describe("next_cursor of the page before; leave out for the first."),
};

/** Outputs of tools that answer lists. */
export const pageOutput = {
  next_cursor: z.string().nullable().describe("Null on the last page."),
};

// It becomes part of a filter, so nothing else may pass.
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)/.source;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.source;
const POSITION = new RegExp(`^(${INSTANT})_(${UUID})$`);

/** Where a page begins; null at the start. Throws 400 `cursor_invalid`. */
export function positionOf({ cursor }: Page): Position | null {
  if (cursor === undefined) {
    return null;
  }
  const [, at, id] = POSITION.exec(cursor) ?? [];
  if (!at || !id) {
    throw new HttpError(400, "cursor_invalid", "That is no cursor of ours.", {
      hint: "Pass next_cursor as it was given, or nothing for the first page.",
    });
  }
  return { at, id };
}

/** The rows of a page, of which one more was asked for than it holds, and the cursor after it. */
export function cutPage<T extends { id: string; created_at: string }>(
  rows: T[],
  { limit }: Page,
): { rows: T[]; next_cursor: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  const next_cursor = rows.length > limit && last ? `${last.created_at}_${last.id}` : null;
  return { rows: kept, next_cursor };
}
