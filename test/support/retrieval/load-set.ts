import type pg from "pg";
import { passageText } from "../../../functions/_shared/chunks/passage-text.ts";
import type { Embedder } from "../../../functions/_shared/embeddings/embedder.ts";
import type { Passage } from "./labelled-set.ts";

/** Where the passages are: an agent that knows them, and somebody who may ask it. */
export interface LoadedSet {
  agentId: string;
  userId: string;
  model: string;
  modelId: number;
  mediaIds: string[];
  chunkCount: number;
}

const TAG = "labelled set";

/**
 * Puts the passages into a migrated database, as media that were read and embedded: one for each
 * source, one chunk for each passage, all assigned to one agent. The client is a superuser's.
 */
export async function loadSet(
  client: pg.Client,
  passages: readonly Passage[],
  embedder: Embedder,
): Promise<LoadedSet> {
  const { userId, organizationId, agentId } = await makeAgent(client);
  const modelId = await one<number>(
    client,
    `insert into private.embedding_models (name, dimensions) values ($1, $2)
    on conflict (name) do update set name = excluded.name
    returning id as value`,
    [embedder.model, embedder.dimensions],
  );
  const mediaIds: string[] = [];
  for (const source of new Set(passages.map((passage) => passage.source))) {
    const own = passages.filter((passage) => passage.source === source);
    const contents = own.map(({ heading_path, text }) =>
      passageText({ heading_path, content: text }),
    );
    const vectors = await embedder.embed(contents, { kind: "passage" });
    const mediumId = await one<string>(
      client,
      `insert into public.media_library (
        id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, generation,
        chunk_count, processing_status, embedding_model
      )
      values (
        gen_random_uuid(), $1, $2, $3, 'text/plain', 1, now(), 1, $4, 'completed', $5
      )
      returning id as value`,
      [organizationId, userId, `${source}.txt`, own.length, embedder.model],
    );
    await client.query(
      `with chunks as (
        insert into public.media_chunks (
          organization_id, media_id, generation, chunk_index, content, heading_path, char_start,
          char_end, tokens, language, content_hash, metadata
        )
        select
          $1, $2, 1, place - 1, passage ->> 'text',
          array(select jsonb_array_elements_text(passage -> 'heading_path')), 0, 0, 1, 'english',
          'x', jsonb_build_object('passage', passage ->> 'id')
        from jsonb_array_elements($3) with ordinality as listed (passage, place)
        returning id, chunk_index
      )
      insert into private.media_chunk_embeddings
        (chunk_id, organization_id, media_id, generation, model_id, embedding)
      select chunks.id, $1, $2, 1, $4, (vector #>> '{}')::extensions.vector
      from chunks
      join jsonb_array_elements($5) with ordinality as listed (vector, place)
        on listed.place = chunks.chunk_index + 1`,
      [organizationId, mediumId, JSON.stringify(own), modelId, JSON.stringify(vectors)],
    );
    await client.query(
      `insert into public.agent_media_assignments
        (organization_id, agent_id, media_id, assignment_type)
      values ($1, $2, $3, 'knowledge_base')`,
      [organizationId, agentId, mediumId],
    );
    mediaIds.push(mediumId);
  }
  return { agentId, userId, model: embedder.model, modelId, mediaIds, chunkCount: passages.length };
}

async function makeAgent(client: pg.Client) {
  const userId = await one<string>(
    client,
    `insert into auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at)
    values (
      gen_random_uuid(), 'authenticated', 'authenticated',
      'reader-' || gen_random_uuid() || '@example.test', '{}', now(), now()
    )
    returning id as value`,
  );
  const organizationId = await one<string>(
    client,
    `select organization_id as value from public.organization_members where user_id = $1`,
    [userId],
  );
  const agentId = await one<string>(
    client,
    `insert into public.agents (organization_id, user_id, name) values ($1, $2, $3)
    returning id as value`,
    [organizationId, userId, TAG],
  );
  return { userId, organizationId, agentId };
}

async function one<Value>(client: pg.Client, sql: string, values: unknown[] = []): Promise<Value> {
  const { rows } = await client.query<{ value: Value }>(sql, values);
  return rows[0]?.value as Value;
}
