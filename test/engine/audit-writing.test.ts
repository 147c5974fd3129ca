import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

// The in-process Postgres lets nobody do anything meanwhile.
const isServer = process.env.TEST_DATABASE_KIND !== "embedded";

let database: pg.Client;
let writer: pg.Client;
let organization: string;

beforeAll(async () => {
  database = await connect();
  writer = await connect();
});

afterAll(async () => {
  await Promise.all([database, writer].map((client) => client.end()));
});

beforeEach(async () => {
  const { rows } = await database.query<{ id: string }>(
    `insert into public.organizations (name, slug)
    values ('Audited', 'audited-' || gen_random_uuid()) returning id`,
  );
  organization = rows[0]?.id as string;
  await database.query(
    `with agent as (
      insert into public.agents (organization_id, name) values ($1, 'Scribe')
      returning id, organization_id
    ), team as (
      insert into public.teams (organization_id, name) values ($1, 'Writers')
      returning id, organization_id
    )
    insert into public.team_members (organization_id, team_id, agent_id, team_role)
    select team.organization_id, team.id, agent.id, 'writer' from team, agent`,
    [organization],
  );
});

/** Deletes the organization while the writer's transaction is open, which then commits. */
async function deleteMeanwhile(write: string): Promise<void> {
  await writer.query("begin");
  await writer.query(write, [organization]);
  const deleted = database.query("delete from public.organizations where id = $1", [organization]);
  await new Promise((done) => setTimeout(done, 150));
  await writer.query("commit");
  await deleted;
}

async function remains(): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select (select count(*) from public.audit_logs where organization_id = $1)::integer
      + (select count(*) from private.audit_unsealed where organization_id = $1)::integer as count`,
    [organization],
  );
  return rows[0]?.count ?? Number.NaN;
}

describe.skipIf(!isServer)("an organization that goes while others write", () => {
  it.each([
    ["a row", "update public.agents set name = 'Clerk' where organization_id = $1"],
    [
      "a row that goes by way of another",
      "update public.team_members set team_role = 'editor' where organization_id = $1",
    ],
    ["an event", "select private.record_audit_event($1, 'thing.seen', 'things')"],
  ])("leaves no audit log of %s", async (_, write) => {
    await deleteMeanwhile(write);

    expect(await remains()).toBe(0);
  });

  it("lets an event that comes too late go unwritten", async () => {
    await database.query("begin");
    await database.query("delete from public.organizations where id = $1", [organization]);
    const recorded = writer.query("select private.record_audit_event($1, 'thing.seen', 'things')", [
      organization,
    ]);
    await new Promise((done) => setTimeout(done, 150));
    await database.query("commit");

    await recorded;

    expect(await remains()).toBe(0);
  });
});
