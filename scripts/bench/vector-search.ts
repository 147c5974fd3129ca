import type pg from "pg";
import type { Contender, Entry } from "./entry.ts";
import { openScratch, type Scratch } from "./scratch.ts";

const [media, chunksEach, kinds, sliceMs] = [1000, 100, 200, 1500];
const wanted = 10;
const leastRecall = 0.99;

/** Which share of all chunks a search may look into. */
const shares = { "0.1 %": 1, "1 %": 10, "10 %": 100 };
type Share = keyof typeof shares;

/** What is looked for, and what of it there is: the answer that a full scan gives. */
interface Question {
  embedding: string;
  mediaIds: string[];
  nearest: Set<string>;
}

/**
 * 100,000 chunks of 1,000 media. Passages of a medium are alike, and those of one subject: each
 * vector is its subject's, with its medium's and its own part. Foreign keys and triggers, which a
 * search does not meet, are left out of the filling.
 */
async function prepare({ admin }: Scratch): Promise<void> {
  await admin.query(`
    set session_replication_role = replica;
    set search_path = public, extensions;
    select setseed(0.5);
    insert into private.embedding_models (name, dimensions) values ('bench', 384);
    create temporary table directions as
    select n, l2_normalize(
      array_agg((random() + random() + random() - 1.5) order by dimension)::real[]::vector(384)
    ) as direction
    from generate_series(0, 4999) as n, generate_series(1, 384) as dimension
    group by n;
    create temporary table places as
    select n, gen_random_uuid() as media_id from generate_series(1, ${media}) as n;

    drop index private.media_chunk_embeddings_embedding_idx;
    insert into private.media_chunk_embeddings
      (chunk_id, organization_id, media_id, generation, model_id, embedding)
    select
      gen_random_uuid(), '00000000-0000-4000-8000-000000000001', places.media_id, 1,
      (select id from private.embedding_models),
      l2_normalize(subject.direction + medium.direction + own.direction)
    from places
    cross join generate_series(1, ${chunksEach}) as chunk
    join directions as subject on subject.n = places.n % ${kinds}
    join directions as medium on medium.n = 1000 + places.n
    join directions as own on own.n = 2000 + (places.n * 7919 + chunk * 104729) % 3000
    order by places.n, chunk;

    set maintenance_work_mem = '500MB';
    create index media_chunk_embeddings_embedding_idx
      on private.media_chunk_embeddings using hnsw (embedding vector_cosine_ops);
    reset search_path;
  `);
  await admin.query("vacuum analyze private.media_chunk_embeddings");
}

/** The vector of some chunk, and a little beside it; among media that were drawn by lot. */
async function questionsOf({ admin }: Scratch, count: number): Promise<Question[]> {
  const { rows } = await admin.query<{ embedding: string; media_ids: string[] }>(
    `select
      (
        select extensions.l2_normalize(
          chunk.embedding operator(extensions.+) directions.direction
        )::text
        from directions
        where directions.n = 5000 - chunk.row
      ) as embedding,
      array(
        select places.media_id from places order by hashtext(places.media_id::text || chunk.row)
        limit $1
      ) as media_ids
    from (
      select embedding, row_number() over (order by chunk_id) as row
      from private.media_chunk_embeddings
      order by chunk_id
      limit 100
    ) as chunk`,
    [count],
  );
  const questions: Question[] = [];
  for (const { embedding, media_ids: mediaIds } of rows) {
    const exact = await exactly(admin, { embedding, mediaIds });
    questions.push({ embedding, mediaIds, nearest: new Set(exact) });
  }
  return questions;
}

type Search = (
  client: pg.Client,
  question: Pick<Question, "embedding" | "mediaIds">,
) => Promise<string[]>;

async function idsOf(client: pg.Client, name: string, text: string, values: unknown[]) {
  const { rows } = await client.query<{ chunk_id: string }>({ name, text, values });
  return rows.map(({ chunk_id }) => chunk_id);
}

const ours: Search = (client, { embedding, mediaIds }) =>
  idsOf(
    client,
    "ours",
    `select chunk_id
    from private.nearest_chunks(
      $1, array_fill(1, array[cardinality($1::uuid[])]), $2, $3, 1::smallint, ${wanted}
    )`,
    [mediaIds, mediaIds.length * chunksEach, embedding],
  );

/** `+ 0` rules the index of vectors out. */
const exactly: Search = (client, { embedding, mediaIds }) =>
  idsOf(
    client,
    "exact",
    `select chunk_id
    from private.media_chunk_embeddings
    where model_id = 1 and media_id = any ($1) and generation = 1
    order by (embedding operator(extensions.<=>) $2::extensions.vector) + 0
    limit ${wanted}`,
    [mediaIds, embedding],
  );

const byIndex: Search = (client, { embedding, mediaIds }) =>
  idsOf(
    client,
    "iterative",
    `select chunk_id
    from private.media_chunk_embeddings
    where model_id = 1 and media_id = any ($1) and generation = 1
    order by embedding operator(extensions.<=>) $2::extensions.vector
    limit ${wanted}`,
    [mediaIds, embedding],
  );

/** Has the index of vectors used, which goes on until there are enough. */
async function preferIndex(client: pg.Client): Promise<void> {
  await client.query(
    `load 'vector'; set hnsw.iterative_scan = relaxed_order;
    set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off`,
  );
}

/** Searches one after the other, for a while; per second. */
async function rate(client: pg.Client, questions: Question[], search: Search): Promise<number> {
  const start = performance.now();
  let done = 0;
  for (; performance.now() - start < sliceMs || done < 3; done++) {
    const question = questions[done % questions.length] as Question;
    await search(client, question);
  }
  return (done * 1000) / (performance.now() - start);
}

/** Of what a full scan finds, the share that is found. */
async function recall(client: pg.Client, questions: Question[], search: Search): Promise<number> {
  let found = 0;
  for (const question of questions) {
    const ids = await search(client, question);
    found += ids.filter((id) => question.nearest.has(id)).length;
  }
  return found / (wanted * questions.length);
}

interface Bench {
  questions: Map<Share, Question[]>;
  plain: pg.Client;
  preferring: pg.Client;
}

async function open(
  serverUrl: string,
  named: Share[],
): Promise<Bench & { close: Scratch["close"] }> {
  const scratch = await openScratch(serverUrl);
  await prepare(scratch);
  const [plain, preferring] = (await scratch.connect(2)) as [pg.Client, pg.Client];
  await preferIndex(preferring);
  const questions = new Map<Share, Question[]>();
  for (const share of named) {
    questions.set(share, await questionsOf(scratch, shares[share]));
  }
  return { questions, plain, preferring, close: scratch.close };
}

function speed(share: Share): Entry {
  return {
    name: `vector-search-${share.replace(" %", "")}`,
    title: `The ${wanted} nearest vectors within ${share} of ${(media * chunksEach).toLocaleString("en-US")}`,
    unit: "searches/s",
    needsServer: true,
    // A search may take 1.2 times as long as the scan.
    goals: { "exact scan": 0.84, ...(share === "1 %" ? { "relaxed iterative scan": 4 } : {}) },
    async open(serverUrl) {
      const { questions, plain, preferring, close } = await open(serverUrl, [share]);
      const asked = questions.get(share) ?? [];
      if ((await recall(plain, asked, ours)) < leastRecall) {
        throw new Error(`Of the nearest vectors within ${share}, ours finds too few`);
      }
      const contender = (name: string, client: pg.Client, search: Search): Contender => ({
        name,
        measure: () => rate(client, asked, search),
      });
      return {
        close,
        contenders: [
          contender("ours", plain, ours),
          contender("exact scan", plain, exactly),
          contender("relaxed iterative scan", preferring, byIndex),
        ],
      };
    },
  };
}

const accuracy: Entry = {
  name: "vector-recall",
  title: `Of the ${wanted} nearest vectors, the share found (goal of ours: ≥ ${leastRecall})`,
  unit: `recall@${wanted}`,
  needsServer: true,
  hasRatios: false,
  async open(serverUrl) {
    const named = Object.keys(shares) as Share[];
    const { questions, plain, preferring, close } = await open(serverUrl, named);
    const contender = (title: string, share: Share, client: pg.Client, search: Search) => ({
      name: `${title}, ${share}`,
      measure: () => recall(client, questions.get(share) ?? [], search),
    });
    return {
      close,
      contenders: named.flatMap((share) => [
        contender("ours", share, plain, ours),
        contender("relaxed iterative scan", share, preferring, byIndex),
      ]),
    };
  },
};

/** How quickly and how surely the nearest vectors are found among those that one may see. */
export const vectorSearch: Entry[] = [...(Object.keys(shares) as Share[]).map(speed), accuracy];
