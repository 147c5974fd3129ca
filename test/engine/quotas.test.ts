import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const isServer = process.env.TEST_DATABASE_KIND !== "embedded";

let database: pg.Client;
let clients: pg.Client[] = [];
let organization = "";
let person = "";
let made = 0;

async function one<Row extends Record<string, unknown>>(sql: string, ...values: unknown[]) {
  return (await database.query<Row>(sql, values)).rows[0] as Row;
}

async function limit(column: string, value: number | null): Promise<void> {
  await database.query(
    `update public.organization_quotas set ${column} = $2 where organization_id = $1`,
    [organization, value],
  );
}

/** Does the work in a transaction as the person, as a request of the API is done. */
async function request(client: pg.Client, work: (client: pg.Client) => Promise<unknown>) {
  await client.query("begin");
  try {
    await client.query(
      `select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true),
        set_config('role', 'authenticated', true)`,
      [
        JSON.stringify({ sub: person, role: "authenticated" }),
        JSON.stringify({ "x-organization-id": organization }),
      ],
    );
    await work(client);
    await client.query("commit");
    return "ok";
  } catch (error) {
    await client.query("rollback");
    return (error as { detail?: string }).detail ?? (error as Error).message;
  }
}

/** Makes so many requests, as many at once as there are clients; answers how often each ended how. */
async function crowd(
  count: number,
  work: (client: pg.Client, index: number) => Promise<unknown>,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) {
        const index = next++;
        const end = await request(client, (session) => work(session, index));
        ends[end] = (ends[end] ?? 0) + 1;
      }
    }),
  );
  return ends;
}

const pause = (client: pg.Client) => client.query("select pg_sleep(random() * 0.02)");

/** Waits for a minute that does not end within the test. */
async function wholeMinute(): Promise<void> {
  const { left } = await one<{ left: string }>(
    "select 60 - extract(second from clock_timestamp()) as left",
  );
  if (Number(left) < 15) await database.query("select pg_sleep($1)", [Number(left) + 0.1]);
}

describe.runIf(isServer)("limits, with many at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
  });

  beforeEach(async () => {
    made += 1;
    const name = `quota-${made}`;
    await database.query("select tests.create_user($1)", [name]);
    const row = await one<{ user_id: string; organization_id: string }>(
      "select tests.user_id($1) as user_id, tests.organization_of($1) as organization_id",
      name,
    );
    person = row.user_id;
    organization = row.organization_id;
  });

  afterAll(async () => {
    await database?.query("delete from auth.users where email like 'quota-%@example.test'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it.each([10, 16, 50])("lets exactly %i of the requests of a minute through", async (most) => {
    await limit("requests_per_minute_limit", most);
    await wholeMinute();

    const ends = await crowd(80, async (client) => {
      await client.query("select private.check_request()");
      await pause(client);
    });

    expect(ends).toEqual({ ok: most, requests_quota_reached: 80 - most });
  });

  it("gives the place of a request that fails to another", async () => {
    await limit("requests_per_minute_limit", 10);
    await wholeMinute();

    const ends = await crowd(60, async (client, index) => {
      await client.query("select private.check_request()");
      await pause(client);
      if (index < 10) throw new Error("failed");
    });

    expect(ends.ok).toBe(10);
  });

  it("counts requests without a limit and lets none wait for another", async () => {
    const [first, second] = clients as [pg.Client, pg.Client];

    const end = await request(first, async (held) => {
      await held.query("select private.check_request()");
      await second.query("set statement_timeout = '2s'");
      const other = await request(second, (free) => free.query("select private.check_request()"));
      await second.query("reset statement_timeout");
      expect(other).toBe("ok");
    });
    await database.query("select private.count_requests()");

    expect(end).toBe("ok");
    const { requests } = await one<{ requests: string }>(
      "select request_count as requests from public.organization_usage_days where organization_id = $1",
      organization,
    );
    expect(requests).toBe("2");
  });

  it("starts exactly as many jobs by hand as there is room for", async () => {
    await database.query(
      `with agent as (
        insert into public.agents (organization_id, user_id, name, instructions)
        values ($1, $2, 'Scribe', 'You write.') returning id
      )
      insert into public.agent_tasks
        (organization_id, user_id, agent_id, name, cron_expression, overlap_policy)
      select $1, $2, agent.id, 'Task ' || n, '0 9 * * *', 'allow'
      from agent, generate_series(1, 4) as n`,
      [organization, person],
    );
    const { tasks } = await one<{ tasks: string[] }>(
      "select array_agg(id) as tasks from public.agent_tasks where organization_id = $1",
      organization,
    );
    await limit("jobs_in_flight_limit", 10);

    const ends = await crowd(40, async (client, index) => {
      await client.query("select public.run_task_now($1)", [tasks[index % 4]]);
      await pause(client);
    });

    expect(ends).toEqual({ ok: 10, jobs_quota_reached: 30 });
    const { jobs } = await one("select private.jobs_in_flight($1)::integer as jobs", organization);
    expect(jobs).toBe(10);
  });

  it("dispatches for others while a limited organization is held", async () => {
    await database.query(
      `with agent as (
        insert into public.agents (organization_id, user_id, name, instructions)
        values ($1, $2, 'Scribe', 'You write.') returning id
      )
      insert into public.agent_tasks (organization_id, user_id, agent_id, name, cron_expression)
      select $1, $2, agent.id, 'Due', '* * * * *' from agent`,
      [organization, person],
    );
    const other = await one<{ id: string }>("select tests.create_user('quota-other') as id");
    await database.query(
      `with agent as (
        insert into public.agents (organization_id, user_id, name, instructions)
        values (tests.organization_of('quota-other'), $1, 'Scribe', 'You write.') returning id
      )
      insert into public.agent_tasks (organization_id, user_id, agent_id, name, cron_expression)
      select tests.organization_of('quota-other'), $1, agent.id, 'Due', '* * * * *' from agent`,
      [other.id],
    );
    await limit("jobs_in_flight_limit", 5);
    await database.query("update public.agent_tasks set next_run_at = now() where name = 'Due'");
    const [holder] = clients as [pg.Client];

    await holder.query("begin");
    await holder.query("select private.require_job_room($1)", [organization]);
    await database.query("set statement_timeout = '2s'");
    const during = await one("select private.dispatch_due_tasks() as runs");
    await holder.query("rollback");
    const after = await one("select private.dispatch_due_tasks() as runs");
    await database.query("reset statement_timeout");

    expect([during.runs, after.runs]).toEqual([1, 1]);
  });

  it("adds exactly as many rows as the limit leaves, and counts right beside the engine", async () => {
    const { rows } = await one<{ rows: number }>(
      "select private.count_organization_rows($1)::integer as rows",
      organization,
    );
    await limit("rows_limit", rows + 15);
    let over = false;
    const engine = (async () => {
      const service = await connect("service_role");
      while (!over) {
        await service.query(
          `with agent as (
            insert into public.agents (organization_id, user_id, name, instructions)
            values ($1, $2, 'Passing', 'You go.') returning id
          ) select from agent`,
          [organization, person],
        );
        await service.query("delete from public.agents where name = 'Passing'");
        await database.query("select private.settle_row_counters()");
      }
      await service.end();
    })();

    const ends = await crowd(40, async (client) => {
      await client.query("insert into public.teams (organization_id, name) values ($1, 'Team')", [
        organization,
      ]);
      await pause(client);
    });
    over = true;
    await engine;
    await database.query("select private.settle_row_counters()");

    // A row of the engine that is just there takes a place for as long as it is.
    expect(ends.ok).toBeGreaterThanOrEqual(14);
    expect(ends.ok).toBeLessThanOrEqual(15);
    expect((ends.ok ?? 0) + (ends.rows_quota_reached ?? 0)).toBe(40);
    expect(
      await one(
        `select row_count = private.count_organization_rows(organization_id) as is_right
        from private.row_counters where organization_id = $1`,
        organization,
      ),
    ).toEqual({ is_right: true });
  });

  it("adds exactly as many rows as the limit leaves, when many add some each", async () => {
    const { rows } = await one<{ rows: number }>(
      "select private.count_organization_rows($1)::integer as rows",
      organization,
    );
    await limit("rows_limit", rows + 25);

    const ends = await crowd(40, async (client) => {
      await client.query(
        `insert into public.teams (organization_id, name)
        select $1, 'Team ' || n from generate_series(1, 2) as n`,
        [organization],
      );
      await pause(client);
    });

    expect(ends).toEqual({ ok: 12, rows_quota_reached: 28 });
  });
});
