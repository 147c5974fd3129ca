import type { SupabaseClient } from "@supabase/supabase-js";
import type { AnswerCitation, KnowledgeResult } from "../../types/schemas.ts";
import { ask } from "./chat.ts";
import { DemoError } from "./demo-error.ts";
import { followMedia } from "./follow-media.ts";
import { invoke } from "./invoke.ts";
import { uploadHandbook, uploadTravelPolicy } from "./media.ts";
import type { Stage } from "./stage.ts";

/** What nothing but the two files answers. */
const QUESTIONS = [
  {
    medium: "Staff Handbook",
    question: "How many weeks of lighthouse leave may everybody take, and at which pay?",
  },
  {
    medium: "Travel and Expenses",
    question: "How many crowns for each kilometre is whoever drives their own car paid?",
  },
];

/** Where the demonstration tells what happens. */
export interface Teller {
  /** Something is under way. */
  progress: (line: string) => void;
  /** Something is done. */
  say: (line: string) => void;
}

/**
 * Uploads a PDF and a DOCX, shows how they are read, and asks the agent what only they answer; each
 * answer has to name the medium that it is built on.
 */
export async function showKnowledge(
  client: SupabaseClient,
  stage: Stage,
  { progress, say }: Teller,
): Promise<void> {
  progress("Uploading a PDF and a DOCX");
  const media = await Promise.all([
    uploadHandbook(client, stage),
    uploadTravelPolicy(client, stage),
  ]);
  say(`Uploaded ${media.map(({ name }) => `"${name}"`).join(" and ")} for ${stage.agent.name}`);

  const read = await followMedia(client, media, (line) => progress(`Reading: ${line}`));
  for (const { name, pages, chunks, steps } of read) {
    say(`Read "${name}": ${pages ? `${pages} pages, ` : ""}${chunks} passages (${steps})`);
  }

  const [first] = QUESTIONS;
  const found = await invoke<KnowledgeResult>(client, "search-knowledge", {
    agent_id: stage.agent.id,
    query: first?.question,
    limit: 3,
  });
  const how = found.mode === "hybrid" ? ` by words and ${found.embedding_model}` : "";
  say(`Searched${how}${found.notice ? `. ${found.notice}` : ""}`);

  for (const { question, medium } of QUESTIONS) {
    progress(question);
    const { text, citations } = await ask(client, stage.agent.id, question);
    if (!citations.some(({ display_name }) => display_name === medium)) {
      throw new DemoError(`The answer does not name "${medium}": ${text}`);
    }
    say(`Asked: ${question}\n  ${stage.agent.name}: ${text}\n${citations.map(lineOf).join("\n")}`);
  }
}

function lineOf({ number, display_name, page, heading_path }: AnswerCitation): string {
  const place = [
    ...(page === null ? [] : [`page ${page}`]),
    ...(heading_path.length > 0 ? [heading_path.join(" › ")] : []),
  ];
  return `  [${number}] ${[display_name, ...place].join(", ")}`;
}
