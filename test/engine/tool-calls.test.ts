import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const agent = "aaaaaaaa-1111-4000-8000-000000000001";

let database: pg.Client;
let service: pg.Client;
let callers: pg.Client[] = [];
let user: string;
let organization: string;
let connection: string;
let permission: string;

async function actAsService(client: pg.Client): Promise<void> {
  await client.query("select set_config('request.jwt.claims', $1, false)", [
    JSON.stringify({ role: "service_role" }),
  ]);
}

/** Whether the agent may call, and why not. */
async function ask(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    "select public.authorize_tool_call($1, $2, 'walk_read', $3) as answer",
    [agent, connection, user],
  );
  return rows[0].answer.allowed ? "allowed" : rows[0].answer.reason;
}

async function begin(client: pg.Client): Promise<string> {
  try {
    const { rows } = await client.query(
      "select public.begin_tool_call($1, 'walk_read', '{}', $2, 'walk_read', null, null, null, $3) as id",
      [agent, connection, user],
    );
    return rows[0].id;
  } catch (error) {
    return (error as { detail: string }).detail;
  }
}

async function lend(): Promise<void> {
  const { rows } = await service.query(
    "select (public.grant_agent_integration_permission($1, $2, '{}', 'full')).id",
    [agent, connection],
  );
  permission = rows[0].id;
}

/** Connects the account again where it was disconnected. */
async function connectAccount(): Promise<string> {
  const { rows } = await service.query(
    `select public.save_oauth_connection(
      $1, $2, (select id from public.service_providers where name = 'walk'), 'token', 'refresh',
      '{}', 3600, 'walker'
    ) ->> 'id' as id`,
    [user, organization],
  );
  return rows[0].id;
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("a permission taken back", () => {
  beforeAll(async () => {
    database = await connect();
    service = await connect("service_role");
    callers = await Promise.all([0, 1, 2, 3].map(() => connect("service_role")));
    await Promise.all([service, ...callers].map(actAsService));
    user = (await database.query("select tests.create_user('walker') as id")).rows[0].id;
    organization = (await database.query("select tests.organization_of('walker') as id")).rows[0]
      .id;
    await database.query(
      `insert into public.agents (id, organization_id, user_id, name)
      values ($1, $2, $3, 'Walker')`,
      [agent, organization, user],
    );
    await database.query(
      `insert into public.service_providers
        (name, display_name, provider_type, authorization_endpoint, token_endpoint)
      values ('walk', 'Walk', 'oauth', 'https://walk.test/a', 'https://walk.test/t')`,
    );
    await database.query(
      `insert into public.integration_capabilities
        (integration_id, capability_key, display_label, description, effect, input_schema)
      select id, 'walk_read', 'R', 'R', 'read', '{"type": "object"}'
      from public.service_providers where name = 'walk'`,
    );
    connection = await connectAccount();
  });

  beforeEach(async () => {
    connection = await connectAccount();
    await lend();
  });

  afterAll(async () => {
    await database?.query("delete from auth.users where id = $1", [user]);
    await database?.query("delete from public.service_providers where name = 'walk'");
    await Promise.all([database, service, ...callers].map((client) => client?.end()));
  });

  it("counts for no call that begins after, however many are being asked about", async () => {
    for (let round = 0; round < 5; round += 1) {
      await lend();
      let isRevoked = false;
      const late: string[] = [];
      const asked: string[] = [];
      const asking = callers.map(async (client) => {
        for (let turn = 0; turn < 30; turn += 1) {
          const wasRevoked = isRevoked;
          const answer = await ask(client);
          (wasRevoked ? late : asked).push(answer);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
      await service.query("select public.revoke_agent_integration_permission($1)", [permission]);
      isRevoked = true;
      await Promise.all(asking);

      expect(asked).toContain("allowed");
      expect(late.length).toBeGreaterThan(0);
      expect(new Set(late)).toEqual(new Set(["grant_revoked"]));
    }
  });

  it("lets a call that has begun come to its end, in the log too, and no second one begin", async () => {
    const [client] = callers as [pg.Client];
    expect(await ask(client)).toBe("allowed");
    const id = await begin(client);

    await service.query("select public.revoke_agent_integration_permission($1)", [permission]);
    await client.query("select public.finish_tool_call($1, 'completed', '{}')", [id]);

    const { rows } = await database.query(
      "select status from public.tool_execution_logs where id = $1",
      [id],
    );
    expect(rows).toEqual([{ status: "completed" }]);
    expect(await begin(client)).toBe("grant_revoked");
  });

  it("ends a call between the question and the beginning", async () => {
    const [client] = callers as [pg.Client];
    expect(await ask(client)).toBe("allowed");

    await service.query("select public.revoke_agent_integration_permission($1)", [permission]);

    expect(await begin(client)).toBe("grant_revoked");
  });

  it("is not brought back by a connection that ends at the same moment", async () => {
    for (let round = 0; round < 10; round += 1) {
      connection = await connectAccount();
      const [granting, ending] = callers as [pg.Client, pg.Client];

      await Promise.allSettled([
        granting.query("select public.grant_agent_integration_permission($1, $2, '{}', 'full')", [
          agent,
          connection,
        ]),
        ending.query("select public.disconnect_service($1)", [connection]),
      ]);

      const { rows } = await database.query(
        `select from public.agent_integration_permissions
        where connection_id = $1 and is_active`,
        [connection],
      );
      expect(rows).toEqual([]);
    }
  });

  it("leaves one permission when it is granted twice at once", async () => {
    await database.query("delete from public.agent_integration_permissions");

    await Promise.all(
      callers.map((client) =>
        client.query("select public.grant_agent_integration_permission($1, $2, '{}', 'full')", [
          agent,
          connection,
        ]),
      ),
    );

    const { rows } = await database.query(
      "select is_active from public.agent_integration_permissions where agent_id = $1",
      [agent],
    );
    expect(rows).toEqual([{ is_active: true }]);
  });

  it("is written down for every question, however many are asked at once", async () => {
    const count = async () =>
      (
        await database.query(
          `select count(*)::int as count from public.audit_logs
          where organization_id = $1 and action in ('tool.allowed', 'tool.denied')`,
          [organization],
        )
      ).rows[0].count;
    const before = await count();

    await Promise.all(callers.map((client) => ask(client)));

    expect((await count()) - before).toBe(callers.length);
  });
});
