import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect, databaseUrl } from "./database.ts";

const MEDIUM = "c1000000-0000-4000-8000-000000000001";
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let database: pg.Client;
let clients: pg.Client[] = [];
let organizationId: string;

/** Asks for the medium to be read, as the library does when a file arrives. */
const request = (client = database) =>
  client.query("select private.request_media_indexing($1)", [[MEDIUM]]);

/** Claims the next job and starts it; answers its lease. */
async function begin(client: pg.Client): Promise<[string, string]> {
  const { rows } = await client.query("select * from claim_jobs('media', 1, 60, 'test')");
  const lease: [string, string] = [rows[0].id, rows[0].lease_token];
  await client.query("select start_media_processing($1, $2)", lease);
  return lease;
}

const chunksOf = (texts: string[]) =>
  JSON.stringify(texts.map((content) => ({ content, char_start: 0, char_end: 1, tokens: 1 })));

const save = (client: pg.Client, lease: [string, string], texts: string[], from = 0) =>
  client.query("select save_media_chunks($1, $2, $3, $4, '{}', 10)", [
    ...lease,
    from,
    chunksOf(texts),
  ]);

const publish = (client: pg.Client, lease: [string, string]) =>
  client.query("select publish_media_generation($1, $2)", lease);

/** What agents read, and what the medium says of it. */
async function read(): Promise<{ contents: string[]; count: number; generation: number }> {
  const { rows } = await database.query(
    `select
      media_library.chunk_count as count,
      media_library.generation,
      array(
        select content from public.media_chunks
        where media_chunks.media_id = media_library.id
          and media_chunks.generation = media_library.generation
        order by chunk_index
      ) as contents
    from public.media_library where id = $1`,
    [MEDIUM],
  );
  return rows[0];
}

async function keysOf(answers: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(answers);
  return settled.map((answer) =>
    answer.status === "fulfilled" ? "ok" : answer.reason.detail || answer.reason.code,
  );
}

/** Starts a worker that pauses after each of its saves. */
function startWorker(pauses: boolean) {
  const worker = spawn(
    process.execPath,
    ["--import", "tsx", file("../support/media-worker.ts"), databaseUrl(), file(PDF)],
    {
      env: { ...process.env, ...(pauses ? { PAUSE: "1" } : {}) },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  return { worker, next: async () => (await lines.next()).value as string | undefined };
}

const PDF = "../support/documents/pdf/constitution.pdf";

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("media that are processed", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: 6 }, () => connect()));
    await database.query("select tests.create_user('mia')");
    const { rows } = await database.query("select tests.organization_of('mia') as id");
    organizationId = rows[0].id;
  });
  beforeEach(async () => {
    await database.query("delete from public.media_library where id = $1", [MEDIUM]);
    await database.query("delete from private.jobs where queue = 'media'");
    await database.query(
      `insert into public.media_library
        (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at)
      values ($1, $2, tests.user_id('mia'), 'a.pdf', 'application/pdf', 9, now())`,
      [MEDIUM, organizationId],
    );
    await database.query("delete from private.jobs where queue = 'media'");
    await database.query("delete from private.media_generations where media_id = $1", [MEDIUM]);
  });
  afterAll(async () => {
    await database.query("delete from public.media_library where id = $1", [MEDIUM]);
    await database.query("delete from private.jobs where queue in ('media', 'storage')");
    await database.query("delete from private.embedding_models");
    await database.query("delete from auth.users where email = 'mia@example.test'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are read once, however many ask for it at once", async () => {
    await Promise.all(clients.map((client) => request(client)));

    const { rows } = await database.query(
      `select
        (select count(*) from private.jobs where queue = 'media')::integer as jobs,
        (select count(*) from private.media_generations where media_id = $1)::integer as generations`,
      [MEDIUM],
    );
    expect(rows[0]).toEqual({ jobs: 1, generations: 1 });
  });

  it("are never empty for who reads while one generation takes the place of another", async () => {
    const [worker = database] = clients;
    let isOver = false;
    const seen: { contents: string[]; count: number }[] = [];
    const reading = (async () => {
      while (!isOver) {
        seen.push(await read());
      }
    })();

    for (let version = 1; version <= 15; version += 1) {
      await request(worker);
      const lease = await begin(worker);
      await save(worker, lease, [`One of ${version}`, `Two of ${version}`]);
      await publish(worker, lease);
    }
    isOver = true;
    await reading;

    const read2 = seen.filter(({ count }) => count > 0);
    expect(read2.length).toBeGreaterThan(10);
    for (const { contents, count } of read2) {
      expect(contents).toHaveLength(count);
      expect(contents[0]?.replace("One", "Two")).toBe(contents[1]);
    }
  });

  it("end as one of two versions, whole, when a new one arrives while one is published", async () => {
    const [worker = database, other = database] = clients;
    for (let round = 0; round < 10; round += 1) {
      await request(worker);
      const lease = await begin(worker);
      await save(worker, lease, ["Old."]);

      const [published, asked] = await keysOf([publish(worker, lease), request(other)]);

      expect(asked).toBe("ok");
      expect(["ok", "media_processing_over"]).toContain(published);
      const next = await begin(other);
      await save(other, next, ["New.", "And newer."]);
      await publish(other, next);
      expect(await read()).toMatchObject({ contents: ["New.", "And newer."], count: 2 });
      const { rows } = await database.query(
        "select count(*)::integer from public.media_chunks where media_id = $1",
        [MEDIUM],
      );
      expect(rows[0].count).toBe(2);
      await database.query("delete from private.jobs where queue = 'media'");
    }
  });

  it("take nothing from a worker whose job another one has by now", async () => {
    const [zombie = database, worker = database] = clients;
    await request();
    const lost = await begin(zombie);
    await save(zombie, lost, ["One."]);
    await database.query(
      "update private.jobs set leased_until = now() - interval '1 second' where queue = 'media'",
    );
    await database.query("select private.return_expired_leases()");
    await database.query("update private.jobs set run_at = now() where queue = 'media'");
    const lease = await begin(worker);

    const answers = await keysOf([
      save(zombie, lost, ["Late."], 1),
      save(worker, lease, ["Two."], 1),
      publish(zombie, lost),
    ]);

    expect(answers).toEqual(["lease_lost", "ok", "lease_lost"]);
    await publish(worker, lease);
    expect(await read()).toMatchObject({ contents: ["One.", "Two."], count: 2 });
  });

  it("go with their medium and their organization in the middle of it, without a deadlock", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [worker = database, other = database] = clients;
      const { rows } = await database.query(
        `insert into public.organizations (name, slug, created_by_user_id)
        values ('Brief', 'brief-' || gen_random_uuid(), tests.user_id('mia')) returning id`,
      );
      await database.query(
        `insert into public.media_library
          (organization_id, file_name, file_type, file_size, uploaded_at)
        values ($1, 'a.txt', 'text/plain', 9, now())`,
        [rows[0].id],
      );
      await database.query("delete from private.jobs where queue = 'media'");
      await database.query(
        `select private.request_media_indexing(array_agg(id))
        from public.media_library where organization_id = $1`,
        [rows[0].id],
      );
      const lease = await begin(worker);

      const answers = await keysOf([
        (async () => {
          for (let chunk = 0; chunk < 20; chunk += 1) {
            await save(worker, lease, [`Number ${chunk}.`], chunk);
          }
        })(),
        other.query("delete from public.organizations where id = $1", [rows[0].id]),
      ]);

      expect(["ok", "lease_lost"]).toContain(answers[0]);
      expect(answers[1]).toBe("ok");
    }
  });

  it("are embedded with the model of the moment, whichever side is first", async () => {
    const [worker = database, other = database] = clients;
    for (let round = 0; round < 10; round += 1) {
      await request(worker);
      const lease = await begin(worker);
      await save(worker, lease, ["One."]);

      await Promise.all([
        publish(worker, lease),
        other.query("select register_embedding_model($1)", [`model ${round}`]),
      ]);

      // Published before or after: it waits for its vectors either way.
      const { rows } = await database.query(
        `select embed_at is not null as waits from private.media_generations
        where media_id = $1 and status = 'published'`,
        [MEDIUM],
      );
      expect(rows).toEqual([{ waits: true }]);
    }
    await database.query("select private.register_embedding_model(null, 384)");
    await database.query("delete from private.embedding_models");
  });

  it("go on where they were after kill -9, and come to the same chunks", async () => {
    await request();
    const whole = startWorker(false);
    expect(await whole.next()).toBe("completed");
    const expected = await read();
    expect(expected.count).toBeGreaterThan(20);

    await request();
    for (let kills = 0; kills < 2; kills += 1) {
      const { worker, next } = startWorker(true);
      expect(await next()).toBe("saved");
      worker.kill("SIGKILL");
      await once(worker, "exit");
      // Its lease runs out, and the engine gives the job back.
      await database.query(
        "update private.jobs set leased_until = now() - interval '1 second' where queue = 'media'",
      );
      await database.query("select private.return_expired_leases()");
      await database.query("update private.jobs set run_at = now() where queue = 'media'");
    }
    const { rows } = await database.query(
      `select checkpoint -> 'nextUnit' as unit from private.media_generations
      where media_id = $1 and status = 'building'`,
      [MEDIUM],
    );
    expect(rows[0].unit).toBeGreaterThan(4);
    expect((await read()).generation).toBe(expected.generation);

    const last = startWorker(false);
    expect(await last.next()).toBe("completed");
    expect(await read()).toEqual({ ...expected, generation: expected.generation + 1 });
    const vectors = await database.query(
      `select count(*)::integer, count(distinct embedding)::integer as different
      from private.media_chunk_embeddings where media_id = $1`,
      [MEDIUM],
    );
    expect(vectors.rows[0]).toEqual({ count: expected.count, different: expected.count });
  }, 60_000);
});
