/** A piece of a medium's text, of a size that a search can answer with. */
export interface Chunk {
  /** Its number within the medium, from 0. */
  index: number;
  /** `text.slice(char_start, char_end)`, with the table's columns inserted where `metadata` says. */
  content: string;
  /** The headings it stands under, outermost first. */
  heading_path: string[];
  /** The first and last page (slide, sheet) it is from; null where there are none. */
  page: number | null;
  page_end: number | null;
  /** Where it is in the medium's text: its blocks, joined by an empty line. In UTF-16 units. */
  char_start: number;
  char_end: number;
  /** What its content counts. */
  tokens: number;
  metadata: ChunkMetadata;
}

/** What else is known of a chunk. */
export interface ChunkMetadata {
  /** The columns of the table that its rows are of. */
  columns?: string[];
  /** Which part of the content is not in the text: the columns, said again before rows. */
  inserted?: { at: number; length: number };
  /** Characters at its beginning that the chunk before it ends with. */
  overlap?: number;
}
