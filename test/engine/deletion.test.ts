import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;

/** Takes on a user's token in a connection, as a request does, until it is asked to stop. */
async function actAs(client: pg.Client, name: string): Promise<void> {
  await client.query("begin");
  await client.query("select tests.act_as($1)", [name]);
}

/** What each statement said, each begun while the ones before it are still open. */
async function overlapping(statements: [who: string | null, sql: string][]): Promise<string[]> {
  const answers = await Promise.allSettled(
    statements.map(async ([who, sql], index) => {
      const client = clients[index] as pg.Client;
      await new Promise((done) => setTimeout(done, index * 60));
      await (who ? actAs(client, who) : client.query("begin"));
      try {
        await client.query(sql);
        await client.query("select pg_sleep(0.2)");
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    }),
  );
  return answers.map((answer) =>
    answer.status === "fulfilled" ? "ok" : (answer.reason.detail ?? answer.reason.message),
  );
}

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.query(sql)).rows;
}

/** Those who hold something in the organization beyond what an owner keeps. */
const holders = () =>
  rowsOf(`select profiles.full_name as name
    from public.organization_members
    join public.profiles on profiles.id = organization_members.user_id
    where organization_members.organization_id = '${organization}'
      and exists (
        select from unnest(organization_members.permissions) as held (key)
        where held.key !~ '\\.(read|export)$' and held.key <> 'organizations.delete'
      )
    order by 1`);

const membership = (name: string) =>
  `organization_id = '${organization}' and user_id = tests.user_id('${name}')`;

const clerk = () => `(select id from public.roles
  where organization_id = '${organization}' and name = 'clerk')`;

const deletion = (...name: string[]) =>
  `select public.delete_organization('${organization}'${name.map((text) => `, '${text}'`)})`;

const restoring = () => `select public.restore_organization('${organization}')`;

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("deletions at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all([1, 2, 3].map(() => connect()));
    for (const name of ["ann", "ben", "cat"]) {
      await database.query("select tests.create_user($1)", [name]);
    }
  });

  beforeEach(async () => {
    await actAs(database, "ann");
    const { rows } = await database.query("select id from public.create_organization('Busy')");
    organization = rows[0].id;
    await database.query(
      `insert into public.roles (organization_id, name, display_name)
      values ($1, 'clerk', 'Clerk')`,
      [organization],
    );
    await database.query("commit");
    await database.query("select tests.add_member($1, 'ben', 'admin')", [organization]);
  });

  afterEach(async () => {
    await database.query("delete from public.organizations where name = 'Busy'");
  });

  afterAll(async () => {
    await database?.query("delete from auth.users where email ~ '^(ann|ben|cat)@example.test$'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("miss no member who joins meanwhile, whoever is first", async () => {
    const joining = `select tests.add_member('${organization}', 'cat', 'admin')`;

    expect(
      await overlapping([
        [null, joining],
        ["ann", deletion()],
      ]),
    ).toEqual(["ok", "ok"]);
    expect(await holders()).toEqual([]);

    await overlapping([["ann", restoring()]]);
    await database.query(`delete from public.organization_members where ${membership("cat")}`);
    expect(
      await overlapping([
        ["ann", deletion()],
        [null, joining],
      ]),
    ).toEqual(["ok", "ok"]);
    expect(await holders()).toEqual([]);
  });

  it("miss no role that changes meanwhile, whoever is first", async () => {
    await database.query(
      `update public.organization_members set role_id = ${clerk()} where ${membership("ben")}`,
    );
    const gaining = (key: string) =>
      `insert into public.role_permissions (role_id, permission_key) values (${clerk()}, '${key}')`;

    expect(
      await overlapping([
        [null, gaining("agents.run")],
        ["ann", deletion()],
        [null, gaining("agents.create")],
      ]),
    ).toEqual(["ok", "ok", "ok"]);
    expect(await holders()).toEqual([]);

    expect(
      await overlapping([
        [null, gaining("tasks.run")],
        ["ann", restoring()],
        [null, gaining("tasks.write")],
      ]),
    ).toEqual(["ok", "ok", "ok"]);
    expect(
      await rowsOf(`select permissions from public.organization_members
        where ${membership("ben")}`),
    ).toEqual([{ permissions: ["agents.create", "agents.run", "tasks.run", "tasks.write"] }]);
  });

  it("let whoever has a role locked come to its members", async () => {
    await database.query(
      `update public.organization_members set role_id = ${clerk()} where ${membership("ben")}`,
    );

    expect(
      await overlapping([
        [
          null,
          `select from public.roles where id = ${clerk()} for update;
          select pg_sleep(0.3);
          insert into public.role_permissions (role_id, permission_key)
          values (${clerk()}, 'agents.run')`,
        ],
        ["ann", deletion()],
      ]),
    ).toEqual(["ok", "ok"]);
    expect(await holders()).toEqual([]);
  });

  it("and a change of role or a leave do not wait for each other in a circle", async () => {
    const promoting = `update public.organization_members
      set role_id = (select id from public.roles where organization_id is null and name = 'owner')
      where ${membership("ben")}`;
    const leaving = `delete from public.organization_members where ${membership("ben")}`;

    expect(
      await overlapping([
        [null, promoting],
        ["ann", deletion()],
        [null, leaving],
      ]),
    ).toEqual(["ok", "ok", "ok"]);
    expect(await holders()).toEqual([]);
  });

  it("are one when two owners ask for it", async () => {
    await database.query(
      `update public.organization_members
      set role_id = (select id from public.roles where organization_id is null and name = 'owner')
      where ${membership("ben")}`,
    );

    expect(
      await overlapping([
        ["ann", deletion("Busy")],
        ["ben", deletion("Busy")],
        ["ben", restoring()],
      ]),
    ).toEqual(["ok", "organization_not_found", "organization_not_found"]);
    expect(await rowsOf(`select from public.organizations where id = '${organization}'`)).toEqual(
      [],
    );
  });

  it("stop a task that is being written, at the latest with the next turn", async () => {
    await actAs(database, "ann");
    await database.query(
      `insert into public.agents (organization_id, name) values ($1, 'Scribe')`,
      [organization],
    );
    await database.query("commit");
    const writing = `insert into public.agent_tasks (agent_id, name, instructions, cron_expression)
      select id, 'Late', 'Do it.', '* * * * *' from public.agents
      where organization_id = '${organization}'`;

    expect(
      await overlapping([
        ["ann", deletion()],
        ["ann", writing],
      ]),
    ).toEqual(["ok", expect.any(String)]);
    await database.query("select private.delete_due_organizations()");

    expect(
      await rowsOf(`select status from public.agent_tasks
        where organization_id = '${organization}' and status = 'active'`),
    ).toEqual([]);
  });
});
