import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const isServer = process.env.TEST_DATABASE_KIND !== "embedded";

let database: Client;
let open: Client[] = [];

async function sessions(count: number): Promise<Client[]> {
  const made = await Promise.all(Array.from({ length: count }, () => connect()));
  open.push(...made);
  return made;
}

async function organizations(name: string, count: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `insert into public.organizations (name, slug)
    select $1 || n, $1 || '-' || n from generate_series(1, $2::integer) as n returning id`,
    [name, count],
  );
  return rows.map(({ id }) => id);
}

/** Writes events to each organization in one statement, as writers do. */
async function write(client: Client, ids: string[], each: number) {
  await client.query(
    `with written as (
      insert into public.audit_logs (organization_id, actor_type, action, resource_type)
      select id, 'system', 'thing.seen', 'things'
      from unnest($1::uuid[]) as id, generate_series(1, $2::integer)
      returning id, organization_id, created_at
    )
    insert into private.audit_unsealed select * from written`,
    [ids, each],
  );
}

/** Seals until nothing waits; other tickers may hold some of it for a moment. */
async function sealAll(client: Client, ids: string[]) {
  for (;;) {
    await client.query("select private.seal_audit_logs()");
    const { rows } = await client.query(
      "select from private.audit_unsealed where organization_id = any ($1)",
      [ids],
    );
    if (rows.length === 0) {
      return;
    }
  }
}

async function verdicts(ids: string[]) {
  await database.query(`set request.jwt.claims = '{"role": "service_role"}'`);
  const { rows } = await database.query(
    `select verdict.* from unnest($1::uuid[]) as id
    cross join lateral public.verify_audit_chain(id) as verdict`,
    [ids],
  );
  await database.query("reset request.jwt.claims");
  return rows as { is_valid: boolean; reason: string | null; sealed_row_count: string }[];
}

describe.runIf(isServer)("the audit trail, with many at work at once", () => {
  beforeAll(async () => {
    database = await connect();
  });

  afterEach(async () => {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
    open = [];
  });

  afterAll(() => database.end());

  it("is sealed by several tickers without a gap, while writers write", async () => {
    const ids = await organizations("busy", 40);
    const writers = await sessions(3);
    const tickers = await sessions(4);
    let writing = true;

    const written = Promise.all(
      writers.map(async (writer) => {
        for (let turn = 0; turn < 40; turn += 1) {
          await write(writer, ids, 5);
        }
      }),
    ).finally(() => {
      writing = false;
    });
    await Promise.all(
      tickers.map(async (ticker) => {
        while (writing) {
          await ticker.query("select private.seal_audit_logs(500)");
        }
      }),
    );
    await written;
    await sealAll(database, ids);

    const found = await verdicts(ids);
    expect(found.filter(({ is_valid }) => !is_valid)).toEqual([]);
    const { rows: logs } = await database.query(
      `select count(*)::integer from public.audit_logs where organization_id = any ($1)`,
      [ids],
    );
    const sealed = found.reduce((sum, { sealed_row_count }) => sum + Number(sealed_row_count), 0);
    expect(sealed).toBe(logs[0].count);
    expect(sealed).toBeGreaterThanOrEqual(ids.length * writers.length * 40 * 5);
    const { rows } = await database.query(
      `select organization_id, row_id
      from public.audit_seals
      cross join lateral unnest(row_ids) as row_id
      where organization_id = any ($1)
      group by 1, 2
      having count(*) > 1`,
      [ids],
    );
    expect(rows).toEqual([]);
  });

  it("keeps no writer waiting while it is sealed", async () => {
    const ids = await organizations("calm", 3);
    const [ticker, writer] = (await sessions(2)) as [Client, Client];
    await write(database, ids, 10);
    await ticker.query("begin");
    await ticker.query("select private.seal_audit_logs()");

    await writer.query("set lock_timeout = '500ms'");
    await write(writer, ids, 1);
    await writer.query("update public.organizations set name = 'Calmer' where id = any ($1)", [
      ids,
    ]);

    await ticker.query("commit");
    await sealAll(database, ids);
    expect((await verdicts(ids)).every(({ is_valid }) => is_valid)).toBe(true);
  });

  it("passes by an organization whose chain another ticker holds, and seals the others", async () => {
    const ids = await organizations("shared", 2);
    const [first, second] = (await sessions(2)) as [Client, Client];
    await sealAll(database, ids);
    await write(database, ids.slice(0, 1), 3);
    await first.query("begin");
    await first.query("select private.seal_audit_logs()");
    await write(database, ids.slice(0, 1), 2_500);
    await write(database, ids, 3);

    await second.query("set lock_timeout = '500ms'");
    await second.query("select private.seal_audit_logs()");

    const waiting = async () =>
      (
        await database.query(
          `select organization_id, count(*)::integer from private.audit_unsealed
          where organization_id = any ($1) group by 1`,
          [ids],
        )
      ).rows;
    expect(await waiting()).toEqual([{ organization_id: ids[0], count: 2_506 }]);
    await first.query("commit");
    await sealAll(database, ids);
    expect((await verdicts(ids)).every(({ is_valid }) => is_valid)).toBe(true);
  });

  it("takes rows whose transaction was long into a later seal", async () => {
    const ids = await organizations("long", 1);
    const [slow] = (await sessions(1)) as [Client];
    await slow.query("begin");
    await write(slow, ids, 2);
    await write(database, ids, 2);
    await sealAll(database, ids);

    await slow.query("commit");
    await sealAll(database, ids);

    expect((await verdicts(ids))[0]).toMatchObject({ is_valid: true });
    const { rows } = await database.query(
      `select row_ids[1] < lag(row_ids[row_count]) over (order by sequence) as is_late
      from public.audit_seals where organization_id = $1 order by sequence desc limit 1`,
      ids,
    );
    expect(rows).toEqual([{ is_late: true }]);
  });

  it("neither waits for an organization that is being deleted, nor keeps it from going", async () => {
    const ids = await organizations("leaving", 6);
    const [ticker, deleter] = (await sessions(2)) as [Client, Client];
    await write(database, ids, 5);
    await deleter.query("begin");
    await deleter.query("delete from public.organizations where id = $1", [ids[0]]);

    await ticker.query("set lock_timeout = '500ms'");
    await ticker.query("select private.seal_audit_logs()");

    await deleter.query("commit");
    await sealAll(database, ids);
    expect((await verdicts(ids.slice(1))).every(({ is_valid }) => is_valid)).toBe(true);
  });

  it("stands organizations that go while four tickers seal", async () => {
    const ids = await organizations("fleeting", 60);
    const tickers = await sessions(4);
    const [deleter] = (await sessions(1)) as [Client];
    let deleting = true;

    const gone = (async () => {
      for (let at = 0; at < ids.length; at += 3) {
        await write(database, ids.slice(at), 3);
        await deleter.query("delete from public.organizations where id = any ($1)", [
          ids.slice(at, at + 3),
        ]);
      }
    })().finally(() => {
      deleting = false;
    });
    await Promise.all(
      tickers.map(async (ticker) => {
        while (deleting) {
          await ticker.query("select private.seal_audit_logs()");
        }
      }),
    );
    await gone;

    await sealAll(database, ids);
    const { rows } = await database.query(
      "select count(*)::integer from public.audit_logs where organization_id = any ($1)",
      [ids],
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  it("drops no partition while somebody writes, and does not wait", async () => {
    await database.query(
      `create table private.audit_logs_201901 partition of public.audit_logs
      for values from ('2019-01-01 00:00:00+00') to ('2019-02-01 00:00:00+00')`,
    );
    const ids = await organizations("writing", 1);
    const [writer, ticker] = (await sessions(2)) as [Client, Client];
    await writer.query("begin");
    await write(writer, ids, 1);

    const during = await ticker.query("select private.drop_audit_partitions() as count");
    await writer.query("commit");
    const after = await ticker.query("select private.drop_audit_partitions() as count");

    expect([during.rows[0].count, after.rows[0].count]).toEqual([0, 1]);
  });
});
