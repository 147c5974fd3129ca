import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;
let teams: string[] = [];

/** Whether the lines are drawn, each in a transaction of its own that stays open a moment. */
async function drawAtOnce(lines: [number, number][]): Promise<string[]> {
  const answers = await Promise.allSettled(
    lines.map(async ([from, to], index) => {
      const client = clients[index] as pg.Client;
      await client.query("begin");
      try {
        await client.query(drawing, [teams[from], teams[to]]);
        await client.query("select pg_sleep(0.05)");
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    }),
  );
  return answers.map((answer) => (answer.status === "fulfilled" ? "ok" : answer.reason.detail));
}

const drawing = "select public.create_team_connection($1, $2, 'reports_to')";

/** How many teams report to themselves in the end, over whomever. */
async function circles(): Promise<number> {
  const { rows } = await database.query(
    `with recursive paths (origin, team_id) as (
      select from_team_id, to_team_id from public.team_connections
      where connection_type = 'reports_to'
      union
      select paths.origin, team_connections.to_team_id
      from paths join public.team_connections on from_team_id = paths.team_id
      where connection_type = 'reports_to'
    )
    select count(*)::int as count from paths where origin = team_id`,
  );
  return rows[0].count;
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("lines drawn at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all([0, 1, 2, 3].map(() => connect("service_role")));
    const { rows } = await database.query(
      `insert into public.organizations (name, slug) values ('Lines', 'lines') returning id`,
    );
    organization = rows[0].id;
    teams = (
      await database.query(
        `insert into public.teams (organization_id, name)
        select $1, place::text from generate_series(0, 7) as place returning id`,
        [organization],
      )
    ).rows.map(({ id }) => id);
  });

  beforeEach(() => database.query("delete from public.team_connections"));

  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'lines'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("in both directions leave one of them", async () => {
    for (let round = 0; round < 5; round += 1) {
      await database.query("delete from public.team_connections");

      const answers = await drawAtOnce([
        [0, 1],
        [1, 0],
      ]);

      expect(answers.toSorted()).toEqual(["ok", "team_hierarchy_cycle"]);
    }
  });

  it("that close a wide circle together leave it open", async () => {
    // 0 → 1, 2 → 3, 4 → 5 and 6 → 7 close it, sharing no team with each other.
    for (const [from, to] of [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 0],
    ] as const) {
      await database.query(drawing, [teams[from], teams[to]]);
    }

    const answers = await drawAtOnce([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]);

    expect(answers.filter((answer) => answer === "ok")).toHaveLength(3);
    expect(answers.filter((answer) => answer === "team_hierarchy_cycle")).toHaveLength(1);
    expect(await circles()).toBe(0);
  });

  it("are refused in a transaction that would not see the other", async () => {
    const client = clients[0] as pg.Client;
    await client.query("begin isolation level repeatable read");
    await client.query("select from public.teams");
    await database.query(drawing, [teams[0], teams[1]]);

    const attempt = client.query(drawing, [teams[1], teams[0]]);

    await expect(attempt).rejects.toMatchObject({ detail: "transaction_isolation" });
    await client.query("rollback");
    expect(await circles()).toBe(0);
  });
});

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("layouts saved at once", () => {
  let one: pg.Client;
  let other: pg.Client;
  let user: string;

  beforeAll(async () => {
    [one, other] = await Promise.all([connect("service_role"), connect("service_role")]);
    const admin = await connect();
    user = (await admin.query("select tests.create_user('painter') as id")).rows[0].id;
    await admin.end();
    const claims = JSON.stringify({ role: "service_role" });
    for (const client of [one, other]) {
      await client.query("select set_config('request.jwt.claims', $1, false)", [claims]);
    }
  });

  afterAll(async () => {
    const admin = await connect();
    await admin.query("delete from auth.users where id = $1", [user]);
    await Promise.all([one, other, admin].map((client) => client?.end()));
  });

  async function saveAtOnce(workspace: string, expected: number): Promise<string[]> {
    const answers = await Promise.allSettled(
      [one, other].map((client, index) =>
        client.query("select public.save_team_canvas_layout($1, $2, $3, null, null, $4)", [
          user,
          workspace,
          JSON.stringify([{ tab: index }]),
          expected,
        ]),
      ),
    );
    return answers
      .map((answer) => (answer.status === "fulfilled" ? "ok" : answer.reason.detail))
      .toSorted();
  }

  it("from two tabs of the same version keep one, and tell the other", async () => {
    const { rows } = await one.query(
      `insert into public.workspaces (organization_id, name, owner_user_id)
      select id, 'Canvas', $1 from public.organizations where created_by_user_id = $1
      returning id`,
      [user],
    );
    const workspace = rows[0].id;

    const first = await saveAtOnce(workspace, 0);
    const second = await saveAtOnce(workspace, 1);
    const layouts = await one.query("select version from public.team_canvas_layouts");

    expect(first).toEqual(["canvas_layout_changed", "ok"]);
    expect(second).toEqual(["canvas_layout_changed", "ok"]);
    expect(layouts.rows).toEqual([{ version: 2 }]);
  });
});
