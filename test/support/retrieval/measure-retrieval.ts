import type pg from "pg";
import type { Embedder } from "../../../functions/_shared/embeddings/embedder.ts";
import type { LabelledQuestion } from "./labelled-set.ts";
import type { LoadedSet } from "./load-set.ts";
import { mean, ndcg, recall } from "./metrics.ts";

/** How passages are looked for. */
export type Way = "fused" | "full-text" | "vector";

/** Means over all questions. */
export interface Quality {
  ndcg: number;
  recall: number;
}

/** Passages looked at; further down nobody reads. */
export const DEPTH = 10;

/** Asks each question in one way, and tells how well the passages that answer it are found. */
export async function measureRetrieval(
  client: pg.Client,
  set: LoadedSet,
  questions: readonly LabelledQuestion[],
  embedder: Embedder,
  way: Way,
): Promise<Quality> {
  const vectors = await embedder.embed(
    questions.map(({ question }) => question),
    { kind: "query" },
  );
  const figures: Quality[] = [];
  for (const [at, { question, relevant }] of questions.entries()) {
    const ranked = await search(client, set, way, question, vectors[at] as number[]);
    figures.push({ ndcg: ndcg(ranked, relevant, DEPTH), recall: recall(ranked, relevant, DEPTH) });
  }
  return {
    ndcg: mean(figures.map((figure) => figure.ndcg)),
    recall: mean(figures.map((figure) => figure.recall)),
  };
}

/** The passages found, best first. */
export async function search(
  client: pg.Client,
  { agentId, userId, model, modelId, mediaIds, chunkCount }: LoadedSet,
  way: Way,
  question: string,
  vector: readonly number[],
): Promise<string[]> {
  const { rows } =
    way === "vector"
      ? await client.query<{ passage: string }>(
          `select media_chunks.metadata ->> 'passage' as passage
          from private.nearest_chunks(
            $1, array_fill(1, array[cardinality($1::uuid[])]), $2, $3::text::extensions.vector,
            $4::smallint, ${DEPTH}
          ) as nearest
          join public.media_chunks on media_chunks.id = nearest.chunk_id
          order by nearest.distance`,
          [mediaIds, chunkCount, JSON.stringify(vector), modelId],
        )
      : await client.query<{ passage: string }>(
          `select media_chunks.metadata ->> 'passage' as passage
          from private.search_knowledge($1, $2, ${DEPTH}, '{}', $3, $4, null, $5)
            with ordinality as found (
              chunk_id, media_id, display_name, file_name, page, page_end, heading_path,
              char_start, char_end, content, highlight, score, matched_by, citation, place
            )
          join public.media_chunks on media_chunks.id = found.chunk_id
          order by found.place`,
          [agentId, question, ...(way === "fused" ? [vector, model] : [null, null]), userId],
        );
  return rows.map(({ passage }) => passage);
}
