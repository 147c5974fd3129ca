import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

let database: pg.Client;
let clients: pg.Client[] = [];
let agent: string;
let channel: string;

const remembering =
  "select public.remember_fact($1, $2, p_about => 'workspace', p_channel_id => $3)";

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("facts told at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all([0, 1, 2, 3].map(() => connect("service_role")));
    const { rows } = await database.query(
      `with organization as (
        insert into public.organizations (name, slug) values ('Facts', 'facts') returning id
      ), agent as (
        insert into public.agents (organization_id, name) select id, 'Iris' from organization
        returning id
      ), workspace as (
        insert into public.workspaces (organization_id, name) select id, 'Here' from organization
        returning id, organization_id
      ), channel as (
        insert into public.chat_channels (organization_id, workspace_id, name)
        select organization_id, id, 'there' from workspace returning id
      )
      select agent.id as agent, channel.id as channel from agent cross join channel`,
    );
    ({ agent, channel } = rows[0]);
  });

  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'facts'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are one when they say the same", async () => {
    const ways = ["The forge ships on Fridays.", "The forge ships on Fridays!"];

    await Promise.all(
      clients.map(async (client, at) => {
        await client.query("begin");
        await client.query(remembering, [agent, ways[at % 2], channel]);
        await client.query("select pg_sleep(0.05)");
        await client.query("commit");
      }),
    );

    const { rows } = await database.query(
      "select count(*)::int as count from public.agent_memories where agent_id = $1",
      [agent],
    );
    expect(rows[0].count).toBe(1);
  });
});
