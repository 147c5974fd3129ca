import type { EmbedOptions } from "./embedder.ts";

/** What families of models want before a text, as their model cards say. */
const families: [name: RegExp, tasks: Record<EmbedOptions["kind"], string>][] = [
  [/\be5\b(?!.*instruct)/, { query: "query: ", passage: "passage: " }],
  [/\bnomic-embed-text\b/, { query: "search_query: ", passage: "search_document: " }],
  [
    /\bbge-(small|base|large)-en\b/,
    { query: "Represent this sentence for searching relevant passages: ", passage: "" },
  ],
  [
    /\b(snowflake-)?arctic-embed\b(?!.*v2)/,
    { query: "Represent this sentence for searching relevant passages: ", passage: "" },
  ],
  [
    /\bmxbai-embed\b/,
    { query: "Represent this sentence for searching relevant passages: ", passage: "" },
  ],
];

/** The text as the model wants it told, by what it is for. */
export function withTask(model: string, kind: EmbedOptions["kind"], text: string): string {
  const [, tasks] = families.find(([name]) => name.test(model.toLowerCase())) ?? [];
  return (tasks?.[kind] ?? "") + text;
}
