import type { Block } from "../documents/document.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Chunk } from "./chunk.ts";
import type { ChunkerState } from "./chunker-state.ts";

/** Sizes of chunks; the same for all blocks of a medium. */
export interface ChunkOptions {
  /** No chunk counts more. */
  maxTokens?: number;
  /** How much of a chunk the next one begins with, at most. */
  overlapTokens?: number;
  /** Whether these are the medium's last blocks: what is open becomes a chunk. */
  isLast?: boolean;
}

/**
 * Cuts the next blocks of a medium into chunks. Begin with `newChunkerState()`; how the blocks are
 * shared among calls makes no difference.
 */
export function chunkBlocks(
  _state: ChunkerState,
  _blocks: readonly Block[],
  _count: CountTokens,
  _options: ChunkOptions = {},
): { chunks: Chunk[]; state: ChunkerState } {
  throw new Error("Not there yet");
}
