import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const people = ["first", "second", "third"];

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;

/** What each statement said, run in a transaction of its own that stays open a moment. */
async function overlapping(statements: string[]): Promise<string[]> {
  const answers = await Promise.allSettled(
    statements.map(async (statement, index) => {
      const client = clients[index] as pg.Client;
      await client.query("begin");
      try {
        await client.query(statement);
        await client.query("select pg_sleep(0.1)");
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    }),
  );
  return answers.map((answer) => (answer.status === "fulfilled" ? "ok" : answer.reason.detail));
}

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.query(sql)).rows;
}

/** Makes the named people the owners, and nobody else a member. */
async function seatOwners(...names: string[]): Promise<void> {
  await database.query(
    `insert into public.organization_members (organization_id, user_id, role_id)
    select $1, tests.user_id(names.name), roles.id
    from unnest($2::text[]) as names (name), public.roles
    where roles.name = 'owner' and roles.organization_id is null
    on conflict (organization_id, user_id) do nothing`,
    [organization, names],
  );
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("members at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(people.map(() => connect()));
    for (const name of people) await database.query("select tests.create_user($1)", [name]);
    await database.query("select tests.create_user('founder')");
    const { rows } = await database.query<{ id: string }>(
      `insert into public.organizations (name, slug) values ('Crowd', 'crowd') returning id`,
    );
    organization = rows[0]?.id as string;
  });

  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'crowd'");
    await database?.query(
      "delete from auth.users where email = any (select name || '@example.test' from unnest($1::text[]) as name)",
      [[...people, "founder"]],
    );
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("keep one owner when all of them leave", async () => {
    await seatOwners(...people);

    const answers = await overlapping(
      people.map(
        (name) => `delete from public.organization_members
          where organization_id = '${organization}' and user_id = tests.user_id('${name}')`,
      ),
    );

    expect(answers.filter((answer) => answer === "ok")).toHaveLength(2);
    expect(answers.filter((answer) => answer === "last_owner")).toHaveLength(1);
  });

  it("hold what the role holds, whichever of both changes first", async () => {
    await seatOwners("first");
    for (const round of ["one", "two", "three", "four"]) {
      await database.query(
        `insert into public.roles (organization_id, name, display_name) values ($1, $2, $2)`,
        [organization, round],
      );
      const role = `(select id from public.roles where name = '${round}')`;
      const changes = [
        `insert into public.organization_members (organization_id, user_id, role_id)
          values ('${organization}', tests.user_id('founder'), ${role})
          on conflict (organization_id, user_id) do update set role_id = excluded.role_id`,
        `insert into public.role_permissions (role_id, permission_key) values (${role}, 'agents.read')`,
      ];

      await overlapping(round.length % 2 ? changes : changes.reverse());

      expect(
        await rowsOf(`select permissions from public.organization_members
          where organization_id = '${organization}' and user_id = tests.user_id('founder')`),
      ).toEqual([{ permissions: ["agents.read"] }]);
    }
  });
});
