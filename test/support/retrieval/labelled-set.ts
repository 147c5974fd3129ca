import { readFileSync } from "node:fs";

/** A passage of a real text; README.md names the sources. */
export interface Passage {
  id: string;
  source: string;
  heading_path: string[];
  text: string;
}

/** A question, and the passages that answer it: 2 when they do, 1 when they help. */
export interface LabelledQuestion {
  id: string;
  question: string;
  relevant: Record<string, number>;
}

/** The passages and questions that retrieval is measured with. */
export function readLabelledSet(): { passages: Passage[]; questions: LabelledQuestion[] } {
  return { passages: read<Passage>("passages"), questions: read<LabelledQuestion>("questions") };
}

function read<Line>(name: string): Line[] {
  const text = readFileSync(new URL(`${name}.jsonl`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
