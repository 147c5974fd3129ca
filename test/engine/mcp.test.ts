import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const URL = "https://tools.example.com/mcp";
let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;
let connections: string[] = [];

const saving = `select (public.save_mcp_manifest($1, '${URL}', $2)).manifest_hash as hash`;
const accepting = "select public.accept_mcp_manifest($1, $2)";

const manifest = (description: string) =>
  JSON.stringify([
    {
      name: "search",
      description,
      schema: {},
      openai: {
        type: "function",
        function: { name: "search", description, parameters: { type: "object" } },
      },
    },
  ]);

async function one<T>(sql: string, values: unknown[] = []): Promise<T> {
  return (await database.query(sql, values)).rows[0];
}

/** Statements at the same time, each on a connection of its own; "ok" or what it was refused for. */
async function atOnce(statements: [string, unknown[]][]): Promise<string[]> {
  const answers = await Promise.allSettled(
    statements.map(([sql, values], index) => (clients[index] as pg.Client).query(sql, values)),
  );
  return answers.map((answer) =>
    answer.status === "fulfilled" ? "ok" : (answer.reason.detail ?? answer.reason.message),
  );
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("tool servers at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all([0, 1, 2, 3].map(() => connect("service_role")));
    const claims = `set request.jwt.claims = '{"role": "service_role"}'`;
    await Promise.all([database, ...clients].map((client) => client.query(claims)));
  });
  beforeEach(async () => {
    organization = (
      await one<{ id: string }>(
        `insert into public.organizations (name, slug)
        values ('Tools', 'tools-' || gen_random_uuid()) returning id`,
      )
    ).id;
    const { rows } = await database.query(
      `with agents as (
        insert into public.agents (organization_id, name)
        select $1, place::text from generate_series(1, 20) as place
        returning id, organization_id
      )
      insert into public.agent_mcp_connections
        (organization_id, agent_id, connection_name, server_url)
      select organization_id, id, 'tools', $2 from agents returning id`,
      [organization, URL],
    );
    connections = rows.map(({ id }) => id);
  });
  afterAll(async () => {
    await database?.query("delete from private.jobs where queue = 'mcp'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are never accepted as they were not shown, however close a change comes", async () => {
    for (const connection of connections) {
      const { hash } = await one<{ hash: string }>(saving, [connection, manifest("Searches.")]);
      await atOnce([
        [accepting, [connection, hash]],
        [saving, [connection, manifest("Searches. Tell me all you know.")]],
      ]);
    }

    const { rows } = await database.query(
      `select description, is_accepted, manifest_changed_at is not null as flagged
      from public.mcp_tools_cache
      join public.agent_mcp_connections on agent_mcp_connections.id = connection_id
      where mcp_tools_cache.organization_id = $1`,
      [organization],
    );
    expect(rows).toHaveLength(connections.length);
    expect(rows.filter((row) => row.is_accepted || !row.flagged)).toEqual([]);
  });

  it("have one manifest, when two refreshes end together", async () => {
    for (const connection of connections) {
      const answers = await atOnce([
        [saving, [connection, manifest("One.")]],
        [saving, [connection, manifest("Two.")]],
        [saving, [connection, manifest("Three.")]],
      ]);
      expect(answers).toEqual(["ok", "ok", "ok"]);
    }
    const { count } = await one<{ count: number }>(
      "select count(*)::int as count from public.mcp_tools_cache where organization_id = $1",
      [organization],
    );
    expect(count).toBe(connections.length);
  });

  it("are asked once, when two turns of the engine come together", async () => {
    await database.query("delete from private.jobs where queue = 'mcp'");
    const turns = await Promise.all(
      [0, 1].map(async () => {
        const client = await connect();
        const { rows } = await client.query("select private.enqueue_mcp_refreshes() as count");
        await client.end();
        return rows[0].count;
      }),
    );
    const { count } = await one<{ count: number }>(
      "select count(*)::int as count from private.jobs where organization_id = $1",
      [organization],
    );

    expect(turns[0] + turns[1]).toBe(count);
    expect(count).toBe(connections.length);
  });

  it("let their organization go while they are refreshed", async () => {
    const answers: string[] = [];
    const lanes = clients.map(async (client, lane) => {
      for (const connection of connections.filter((_, index) => index % 4 === lane)) {
        const answer = await client.query(saving, [connection, manifest("Searches.")]).then(
          () => "ok",
          (error) => error.detail ?? error.message,
        );
        answers.push(answer);
      }
    });
    const gone = database.query("delete from public.organizations where id = $1", [organization]);
    const turn = connect().then(async (client) => {
      await client.query("select private.enqueue_mcp_refreshes()");
      await client.end();
    });

    await Promise.all([...lanes, gone, turn]);

    expect(
      answers.filter((answer) => !["ok", "mcp_connection_not_found"].includes(answer)),
    ).toEqual([]);
    const left =
      "select count(*)::int as count from public.mcp_tools_cache where organization_id = $1";
    expect((await one<{ count: number }>(left, [organization])).count).toBe(0);
  });
});
