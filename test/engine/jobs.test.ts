import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

interface Lease {
  id: string;
  lease_token: string;
  organization_id: string | null;
}

const isServer = process.env.TEST_DATABASE_KIND !== "embedded";
if (!isServer) {
  console.log("The embedded Postgres has one session: the queue's races run with --db-url only.");
}

let database: Client;
let open: Client[] = [];

async function session(role?: "service_role"): Promise<Client> {
  const client = await connect(role);
  // A killed session says so in an event, too.
  client.on("error", () => undefined);
  open.push(client);
  return client;
}

async function sessions(count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => session("service_role")));
}

async function organization(slug: string): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into public.organizations (name, slug) values ($1, $1)
    on conflict (slug) do update set name = excluded.name returning id`,
    [slug],
  );
  return rows[0]?.id as string;
}

async function enqueue(queue: string, count: number, organizationId: string | null = null) {
  await database.query(
    `select private.enqueue_jobs($1, 'test', array_agg(jsonb_build_object('n', n)),
      case when $3::uuid is not null then array_agg($3::uuid) end, 0, now(), 100)
    from generate_series(1, $2::integer) as n`,
    [queue, count, organizationId],
  );
}

async function claim(client: Client, queue: string, limit = 1, seconds = 60): Promise<Lease[]> {
  const { rows } = await client.query<Lease>("select * from public.claim_jobs($1, $2, $3)", [
    queue,
    limit,
    seconds,
  ]);
  return rows;
}

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const { rows } = await database.query<{ count: string }>(sql, values);
  return Number(rows[0]?.count);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(isServer)("the queue, with many workers at once", () => {
  beforeAll(async () => {
    database = await connect();
    await database.query("create table tests.effects (queue text, job_id bigint)");
  });

  afterEach(async () => {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
    open = [];
  });

  afterAll(async () => {
    await database.end();
  });

  it("gives each job's effect once, while workers are killed in the middle of it", async () => {
    const queue = "killed";
    const total = 400;
    await enqueue(queue, total);
    const working = new Set<number>();
    let [kills, over] = [0, false];

    const work = async () => {
      while (!over) {
        try {
          const client = await session();
          const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
          const pid = rows[0]?.pid as number;
          working.add(pid);
          try {
            while (!over) {
              const [job] = await claim(client, queue, 1, 1);
              if (!job) {
                await pause(20);
                continue;
              }
              const lease = [job.id, job.lease_token];
              await client.query("begin");
              await client.query("select private.hold_lease($1, $2)", lease);
              await client.query("insert into tests.effects values ($1, $2)", [queue, job.id]);
              await client.query("select pg_sleep(random() * 0.005)");
              await client.query("select public.complete_job($1, $2)", lease);
              await client.query("commit");
            }
          } finally {
            working.delete(pid);
          }
          await client.end();
        } catch {
          // Killed; a new session goes on.
        }
      }
    };
    const kill = async () => {
      const killer = await session();
      while (!over) {
        await pause(25);
        const [victim] = working;
        if (victim && kills < 40) {
          await killer.query("select pg_terminate_backend($1)", [victim]);
          kills += 1;
        }
      }
    };
    const takeBack = async () => {
      while (!over) {
        await pause(200);
        await database.query("select private.return_expired_leases()");
        await database.query("update private.jobs set run_at = now() where queue = $1", [queue]);
        over = (await count("select count(*) from private.jobs where queue = $1", queue)) === 0;
      }
    };
    await Promise.all([kill(), takeBack(), ...Array.from({ length: 8 }, work)]);

    expect(kills).toBeGreaterThan(10);
    expect(await count("select count(*) from tests.effects where queue = $1", queue)).toBe(total);
    expect(
      await count("select count(distinct job_id) from tests.effects where queue = $1", queue),
    ).toBe(total);
    expect(await count("select count(*) from private.dead_jobs where queue = $1", queue)).toBe(0);
  }, 60_000);

  it("never leases more to an organization than its share", async () => {
    const queue = "shared";
    const organizations = await Promise.all([organization("share-a"), organization("share-b")]);
    for (const id of organizations) {
      await enqueue(queue, 150, id);
    }
    await enqueue(queue, 50);
    await database.query("update private.queues set organization_share = 3 where queue = $1", [
      queue,
    ]);
    let [done, most, over] = [0, 0, false];

    const watch = async () => {
      const watcher = await session();
      while (!over) {
        const { rows } = await watcher.query<{ most: string | null }>(
          `select max(leases) as most from (
            select count(*) as leases from private.jobs
            where queue = $1 and organization_id is not null and leased_until is not null
            group by organization_id
          ) as held`,
          [queue],
        );
        most = Math.max(most, Number(rows[0]?.most ?? 0));
      }
    };
    const work = async (client: Client, limit: number) => {
      while (done < 350) {
        const jobs = await claim(client, queue, limit);
        await pause(1);
        const { rows } = await client.query<{ ids: string[] }>(
          "select public.complete_jobs($1, $2) as ids",
          [jobs.map(({ id }) => id), jobs.map(({ lease_token }) => lease_token)],
        );
        done += rows[0]?.ids.length ?? 0;
      }
    };
    const watching = watch();
    await Promise.all((await sessions(12)).map((client, place) => work(client, 1 + (place % 5))));
    over = true;
    await watching;

    expect(done).toBe(350);
    expect(most).toBe(3);
  }, 60_000);

  it("passes by an organization that has its share, however long its backlog", async () => {
    const queue = "noisy";
    const [noisy, quiet] = await Promise.all([organization("noisy"), organization("quiet")]);
    await enqueue(queue, 5000, noisy as string);
    await enqueue(queue, 20, quiet as string);
    const clients = await sessions(10);

    const first = await claim(clients[0] as Client, queue, 10);
    const rest = (await Promise.all(clients.map((client) => claim(client, queue, 1)))).flat();

    expect(first.every(({ organization_id }) => organization_id === noisy)).toBe(true);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.every(({ organization_id }) => organization_id === quiet)).toBe(true);
  }, 60_000);

  it("keeps one job per dedupe key when many enqueue it at once", async () => {
    const queue = "deduped";
    const clients = await sessions(10);

    for (let round = 0; round < 20; round++) {
      const ids = await Promise.all(
        clients.map(async (client) => {
          const { rows } = await client.query<{ id: string }>(
            "select public.enqueue_job($1, 'test', p_dedupe_key => $2) as id",
            [queue, `key ${round}`],
          );
          return rows[0]?.id;
        }),
      );
      expect(new Set(ids).size).toBe(1);
    }

    expect(await count("select count(*) from private.jobs where queue = $1", queue)).toBe(20);
  }, 60_000);

  it("lets one of many complete a job with the same token", async () => {
    const queue = "completed";
    const clients = await sessions(8);
    await enqueue(queue, 1);
    const [job] = await claim(clients[0] as Client, queue);

    const answers = await Promise.allSettled(
      clients.map((client) =>
        client.query("select public.complete_job($1, $2)", [job?.id, job?.lease_token]),
      ),
    );

    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(answers.length - refused.length).toBe(1);
    expect(refused.every(({ reason }) => reason.detail === "lease_lost")).toBe(true);
  }, 60_000);

  it("fails the worker whose lease was taken back, and keeps the other's result", async () => {
    const queue = "fenced";
    const [slow, quick] = await sessions(2);
    await enqueue(queue, 1);
    const [late] = await claim(slow as Client, queue);
    await database.query(
      "update private.jobs set leased_until = now() - interval '1 second' where queue = $1",
      [queue],
    );
    await database.query("select private.return_expired_leases()");
    await database.query("update private.jobs set run_at = now() where queue = $1", [queue]);

    const [second] = await claim(quick as Client, queue);

    expect(Number(second?.lease_token)).toBeGreaterThan(Number(late?.lease_token));
    await expect(
      slow?.query("select public.complete_job($1, $2)", [late?.id, late?.lease_token]),
    ).rejects.toMatchObject({ code: "PT409", detail: "lease_lost" });
    await quick?.query("select public.complete_job($1, $2)", [second?.id, second?.lease_token]);
    expect(await count("select count(*) from private.jobs where queue = $1", queue)).toBe(0);
  }, 60_000);
});
