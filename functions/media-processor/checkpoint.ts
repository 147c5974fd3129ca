import { z } from "zod";
import type { StartedMedium } from "../../types/schemas.ts";
import { type ChunkerState, newChunkerState } from "../_shared/chunks/chunker-state.ts";
import type { Language } from "../_shared/chunks/detect-language.ts";

/** Where reading a medium is, between two workers. */
export interface Checkpoint {
  /** SHA-256 of the file that was begun with; another one is begun anew. */
  checksum: string | null;
  /** The unit to read next, from 1. */
  nextUnit: number;
  /** Whether all of it is in chunks. */
  isRead: boolean;
  chunker: ChunkerState;
  language: Language | null;
  pageCount: number | null;
  /** Work on each step so far, in milliseconds. */
  durations: Partial<Record<"download" | "identify" | "extract" | "chunk" | "embed", number>>;
}

const shape = z.object({
  checksum: z.string().nullable(),
  nextUnit: z.int().positive(),
  isRead: z.boolean(),
  chunker: z.custom<ChunkerState>((value) => typeof value === "object" && value !== null),
  language: z.object({ language: z.string().nullable(), configuration: z.string() }).nullable(),
  pageCount: z.int().nonnegative().nullable(),
  durations: z.record(z.string(), z.number()),
});

/** How a file is begun. */
export function newCheckpoint(checksum: string | null = null): Checkpoint {
  return {
    checksum,
    nextUnit: 1,
    isRead: false,
    chunker: newChunkerState(),
    language: null,
    pageCount: null,
    durations: {},
  };
}

/** What was saved last; what cannot be understood, perhaps by another version, is begun anew. */
export function checkpointOf({ checkpoint }: Pick<StartedMedium, "checkpoint">): Checkpoint {
  return shape.safeParse(checkpoint).data ?? newCheckpoint();
}
