import type { KnowledgePassage } from "../../types/schemas.ts";

const place = {
  chunk_id: "00000000-0000-4000-8000-000000000901",
  media_id: "00000000-0000-4000-8000-000000000902",
  display_name: "Travel policy",
  page: 3,
  page_end: 3,
  heading_path: ["Trains"],
};

/** A passage that a search found by words. */
export const passage: KnowledgePassage = {
  ...place,
  file_name: "travel.pdf",
  char_start: 120,
  char_end: 168,
  content: "Employees travelling by train book second class.",
  highlight: "Employees travelling by <mark>train</mark> book second class.",
  score: 1 / 61,
  matched_by: ["text"],
  citation: place,
};
