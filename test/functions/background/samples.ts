import type { KnowledgePassage, RecalledMemory } from "../../../types/schemas.ts";

const id = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, "0")}`;

/** A passage of a handbook, as a search finds it. */
export function passage(number: number, more: Partial<KnowledgePassage> = {}): KnowledgePassage {
  const own = {
    chunk_id: id(number),
    media_id: id(1000),
    display_name: "Handbook",
    file_name: "handbook.pdf",
    page: number,
    page_end: number,
    heading_path: ["Leave"],
    char_start: 0,
    char_end: 10,
    content: `Passage ${number} of the handbook.`,
    highlight: "",
    score: 1,
    matched_by: ["text" as const],
    ...more,
  };
  const { chunk_id, media_id, display_name, page, page_end, heading_path } = own;
  return {
    ...own,
    citation: { media_id, chunk_id, display_name, page, page_end, heading_path },
  };
}

/** A fact about the user. */
export function fact(content: string, more: Partial<RecalledMemory> = {}): RecalledMemory {
  return {
    memory_id: id(2000),
    about: "user",
    content,
    confidence: 0.8,
    known_since: "2026-03-01T10:00:00+00:00",
    ...more,
  };
}
