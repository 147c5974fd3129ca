import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const SLUG = "datastores-at-once";
const AGENTS = 6;

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;
let place: string;
let medium: string;
let agents: string[] = [];

const idsOf = ({ rows }: pg.QueryResult) => rows.map(({ id }) => id as string);
const one = async (sql: string, values: unknown[] = []) =>
  (await database.query(sql, values)).rows[0];
const plan = () => database.query("select private.enqueue_datastore_syncs()");
const wanted = async () =>
  (await one("select wanted_generation from private.datastore_media where media_id = $1", [medium]))
    .wanted_generation as number;

async function claim() {
  await plan();
  const { rows } = await database.query(
    "select id, lease_token from private.claim_jobs('datastores', 1, 60, 'test')",
  );
  return [rows[0].id, rows[0].lease_token];
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("datastores at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: AGENTS }, () => connect()));
    for (const client of [database, ...clients]) {
      await client.query(`set request.jwt.claims = '{"role": "service_role"}'`);
    }
  });
  beforeEach(async () => {
    await clean();
    [organization] = idsOf(
      await database.query(
        `insert into public.organizations (name, slug) values ('Stores', '${SLUG}') returning id`,
      ),
    ) as [string];
    [place] = idsOf(
      await database.query(
        `insert into public.datastores (organization_id, name, type, config)
        values ($1, 'Graph', 'getzep', '{"graph_id": "docs", "api_key_ref": "zep"}') returning id`,
        [organization],
      ),
    ) as [string];
    agents = idsOf(
      await database.query(
        `insert into public.agents (organization_id, name)
        select $1, place::text from generate_series(1, ${AGENTS}) as place returning id`,
        [organization],
      ),
    );
    [medium] = idsOf(
      await database.query(
        `insert into public.media_library (organization_id, file_name, file_type, file_size)
        values ($1, 'a.pdf', 'application/pdf', 1) returning id`,
        [organization],
      ),
    ) as [string];
    await database.query(
      `insert into public.media_chunks
        (media_id, generation, chunk_index, content, char_start, char_end, tokens, content_hash)
      values ($1, 1, 0, 'Tea.', 0, 1, 1, '')`,
      [medium],
    );
    await database.query("update public.media_library set generation = 1 where id = $1", [medium]);
    await database.query(
      `insert into public.agent_datastores (agent_id, datastore_id)
      select agent, $2 from unnest($1::uuid[]) as agent`,
      [agents, place],
    );
    await database.query(
      `insert into public.agent_media_assignments (agent_id, media_id)
      select agent, $2 from unnest($1::uuid[]) as agent`,
      [agents, medium],
    );
    await plan();
  });
  afterAll(async () => {
    await clean();
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  async function clean() {
    await database?.query(`delete from public.organizations where slug = '${SLUG}'`);
    await database?.query("delete from private.datastore_places where datastore_id is null");
    await database?.query("delete from private.jobs where queue = 'datastores'");
  }

  it("give back a medium that all of its agents lost at the same moment", async () => {
    expect(await wanted()).toBe(1);
    for (const [index, client] of clients.entries()) {
      await client.query("begin");
      await client.query("delete from public.agent_datastores where agent_id = $1", [
        agents[index],
      ]);
    }
    await plan();
    expect(await wanted()).toBe(1);

    await Promise.all(clients.map((client) => client.query("commit")));
    await plan();

    expect(await wanted()).toBe(0);
  });

  it("are planned by many turns at once without waiting for each other for ever", async () => {
    await Promise.all(
      clients.map(async (client, index) => {
        for (let round = 0; round < 10; round += 1) {
          const [agent] = agents.slice(index, index + 1);
          await client.query("delete from public.agent_media_assignments where agent_id = $1", [
            agent,
          ]);
          await client.query("select private.enqueue_datastore_syncs()");
          await client.query(
            "insert into public.agent_media_assignments (agent_id, media_id) values ($1, $2)",
            [agent, medium],
          );
        }
        await client.query("delete from public.agent_media_assignments where agent_id = $1", [
          agents[index],
        ]);
      }),
    );
    await plan();

    expect(await wanted()).toBe(0);
    const { count } = await one(
      "select count(*)::int from private.jobs where queue = 'datastores'",
    );
    expect(count).toBe(1);
  });

  it("know what was handed out when they are deleted in that moment", async () => {
    const lease = await claim();
    const [worker, owner] = clients as [pg.Client, pg.Client];
    await worker.query("begin");
    const { rows } = await worker.query(
      "select public.next_datastore_batch($1, $2) as batch",
      lease,
    );
    expect(rows[0].batch.chunks).toHaveLength(1);

    const deletion = owner.query("delete from public.datastores where id = $1", [place]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await worker.query("commit");
    await deletion;

    const batch = await one("select public.next_datastore_batch($1, $2) as batch", lease);
    expect(batch.batch).toMatchObject({ removals: [{ external_id: null }], chunks: [] });
  });

  it("are taken from a worker whose lease is over before it can say anything", async () => {
    const late = await claim();
    await database.query(
      "update private.jobs set leased_until = now() - interval '1 s', run_at = now() where id = $1",
      [late[0]],
    );
    await database.query("select private.return_expired_leases()");

    const words = database.query("select public.save_datastore_batch($1, $2)", late);

    await expect(words).rejects.toMatchObject({ detail: "lease_lost" });
  });
});
