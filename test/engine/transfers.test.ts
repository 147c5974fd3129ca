import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const ORGANIZATION = "c0000000-0000-4000-8000-000000000001";

let database: pg.Client;
let clients: pg.Client[] = [];

interface Lease {
  id: string;
  lease_token: string;
}

/** A statement of a person; `act_as` takes the role for the session's transaction. */
async function as(client: pg.Client, actor: string, sql: string): Promise<pg.QueryResult> {
  await client.query("begin");
  try {
    await client.query(actor ? `select tests.act_as('${actor}')` : "select tests.act_as_service()");
    const result = await client.query(sql);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Every answer's machine key, or "ok". */
async function keysOf(answers: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(answers);
  return settled.map((answer) => (answer.status === "fulfilled" ? "ok" : answer.reason.detail));
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("transfers at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => connect()));
    for (const name of ["ed", "flo"]) {
      await database.query("select tests.create_user($1)", [name]);
      await database.query(
        `insert into storage.objects (bucket_id, name)
        values ('imports', format('users/%s/a.zip', tests.user_id($1)))`,
        [name],
      );
    }
  });
  beforeEach(async () => {
    await database.query("delete from private.jobs where queue = 'transfers'");
    await database.query("delete from public.organization_transfers");
  });
  afterAll(async () => {
    await database.query("delete from private.jobs where queue = 'transfers'");
    await database.query("delete from public.organization_transfers");
    await database.query("delete from public.organizations where id = $1", [ORGANIZATION]);
    await database.query("delete from storage.objects where bucket_id = 'imports'");
    await database.query(
      "delete from auth.users where email in ('ed@example.test', 'flo@example.test')",
    );
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are one export, however many ask for it", async () => {
    const { rows } = await database.query("select tests.organization_of('ed') as id");

    const answers = await Promise.all(
      clients.map((client) =>
        as(client, "ed", `select id from public.export_organization('${rows[0].id}')`),
      ),
    );

    expect(new Set(answers.map((answer) => answer.rows[0].id)).size).toBe(1);
    const jobs = await database.query("select from private.jobs where queue = 'transfers'");
    expect(jobs.rowCount).toBe(1);
  });

  it("are one import of a person", async () => {
    const path = (await database.query("select tests.user_id('ed') as id")).rows[0].id;

    const keys = await keysOf(
      clients.map((client) =>
        as(client, "ed", `select public.import_organization('users/${path}/a.zip')`),
      ),
    );

    expect(keys.filter((key) => key === "ok")).toHaveLength(1);
    expect(keys.filter((key) => key === "import_running")).toHaveLength(7);
  });

  it("make one organization of an archive that two bring at once", async () => {
    const leases: Lease[] = [];
    for (const [index, name] of ["ed", "flo"].entries()) {
      const client = clients[index] as pg.Client;
      const { id } = (await database.query("select tests.user_id($1) as id", [name])).rows[0];
      await as(client, name, `select public.import_organization('users/${id}/a.zip')`);
      const claimed = await as(client, "", "select * from public.claim_jobs('transfers', 1, 60)");
      const lease: Lease = claimed.rows[0];
      const held = `${lease.id}, ${lease.lease_token}`;
      leases.push(lease);
      const columns = ["id", "name", "slug"].map((column) => ({ name: column, type: "text" }));
      const manifest = {
        format: "ensemble-organization",
        format_version: 1,
        organization: { id: ORGANIZATION },
        people: [],
        secrets: [],
        tables: [{ name: "organizations", row_count: 1, columns }],
      };
      const line = { id: ORGANIZATION, name: "Both", slug: "both" };
      await as(client, "", `select public.start_transfer(${held})`);
      await as(client, "", `select public.stage_import(${held}, '${JSON.stringify(manifest)}')`);
      await as(
        client,
        "",
        `select public.stage_import_lines(${held}, 'organizations', '${JSON.stringify(line)}')`,
      );
    }

    const keys = await keysOf(
      leases.map((lease, index) =>
        as(
          clients[index] as pg.Client,
          "",
          `select public.load_import(${lease.id}, ${lease.lease_token})`,
        ),
      ),
    );

    expect(keys.toSorted()).toEqual(["import_ids_taken", "ok"]);
    const owners = await database.query(
      "select from public.organization_members where organization_id = $1",
      [ORGANIZATION],
    );
    expect(owners.rowCount).toBe(1);
  });

  it("read one instant, whatever is written meanwhile", async () => {
    const { id } = (await database.query("select tests.organization_of('flo') as id")).rows[0];
    const [writer, reader] = clients as [pg.Client, pg.Client];
    let writing = true;
    const write = (async () => {
      while (writing) {
        // Always as many agents as teams.
        await writer.query(
          `with agent as (
            insert into public.agents (organization_id, name) values ($1, 'pair') returning 1
          )
          insert into public.teams (organization_id, name) select $1, 'pair' from agent`,
          [id],
        );
      }
    })();

    const pairs: number[][] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      await as(reader, "flo", `select public.export_organization('${id}')`);
      const { rows } = await as(reader, "", "select * from public.claim_jobs('transfers', 1, 60)");
      const held = `${rows[0].id}, ${rows[0].lease_token}`;
      await as(reader, "", `select public.start_transfer(${held})`);
      const snapshot = await as(reader, "", `select public.snapshot_transfer(${held}) as taken`);
      const counts = new Map<string, number>(
        snapshot.rows[0].taken.tables.map((table: { name: string; row_count: number }) => [
          table.name,
          table.row_count,
        ]),
      );
      pairs.push([counts.get("agents") ?? -1, counts.get("teams") ?? -2]);
      await as(reader, "", `select public.complete_export(${held}, 'x.zip', 1, 'x')`);
    }
    writing = false;
    await write;

    for (const [agents, teams] of pairs) expect(agents).toBe(teams);
    expect(pairs.at(-1)?.[0]).toBeGreaterThan(pairs[0]?.[0] ?? 0);
  });
});
