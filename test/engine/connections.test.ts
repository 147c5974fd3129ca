import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const CALLERS = 50;

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;
let user: string;

async function one<T>(sql: string, values: unknown[] = []): Promise<T> {
  return (await database.query(sql, values)).rows[0] as T;
}

/** What each client's statement answers, all at once, each in a transaction of its own. */
async function atOnce<T>(
  statements: string[],
  as = "tests.act_as_service()",
): Promise<(T | string)[]> {
  return Promise.all(
    statements.map(async (statement, index) => {
      const client = clients[index] as pg.Client;
      await client.query("begin");
      try {
        await client.query(`select ${as}`);
        const { rows } = await client.query(`select ${statement} as answer`);
        await client.query("commit");
        return rows[0].answer as T;
      } catch (error) {
        await client.query("rollback");
        return (error as pg.DatabaseError).detail ?? String(error);
      }
    }),
  );
}

async function asService<T>(statement: string): Promise<T> {
  const [answer] = await atOnce<T>([statement]);
  return answer as T;
}

const save = (token: string, account = "desk") =>
  `public.save_oauth_connection(
    '${user}', '${organization}', (select id from public.service_providers where name = 'linear'),
    'access-${token}', 'refresh-${token}', '{read}', 3600, '${account}'
  )`;

const inVault = `(
  select count(*)::integer from vault.secrets where name like 'organizations/' || $1::uuid || '/%'
)`;

interface Claim {
  outcome: string;
  lease_token?: string;
  refresh_token?: string;
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("connections at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: CALLERS }, () => connect()));
  });
  beforeEach(async () => {
    await database.query("delete from auth.users where email = 'connected@example.test'");
    ({ id: user } = await one<{ id: string }>(
      `insert into auth.users (id, email)
      values (gen_random_uuid(), 'connected@example.test') returning id`,
    ));
    ({ id: organization } = await one<{ id: string }>(
      "select id from public.organizations where created_by_user_id = $1",
      [user],
    ));
  });
  afterAll(async () => {
    await database?.query("delete from auth.users where email = 'connected@example.test'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("leases a refresh to exactly one of fifty who ask", async () => {
    const { id } = await asService<{ id: string }>(save("1"));

    const claims = await atOnce<Claim>(
      Array.from({ length: CALLERS }, () => `public.claim_token_refresh('${id}', 1)`),
    );

    const outcomes = claims.map((claim) => (claim as Claim).outcome).sort();
    expect(outcomes).toEqual([...Array(CALLERS - 1).fill("busy"), "claimed"]);
    expect(claims.filter((claim) => (claim as Claim).refresh_token)).toHaveLength(1);
  });

  it("has all who come after the refresh use what it brought", async () => {
    const { id } = await asService<{ id: string }>(save("1"));
    await asService(`public.claim_token_refresh('${id}', 1)`);

    const answers = await atOnce<Claim>([
      `public.complete_token_refresh('${id}', 1, 'access-2', 'refresh-2', 3600)`,
      ...Array.from({ length: CALLERS - 1 }, () => `public.claim_token_refresh('${id}', 1)`),
    ]);

    const [done, ...others] = answers.map((answer) => (answer as Claim).outcome);
    expect(done).toBe("refreshed");
    expect(others.filter((outcome) => outcome !== "busy" && outcome !== "fresh")).toEqual([]);
    expect(await asService<Claim>(`public.claim_token_refresh('${id}', 1)`)).toMatchObject({
      outcome: "fresh",
      token_version: 2,
    });
  });

  it("takes the tokens of one of fifty who bring some for the same version", async () => {
    const { id } = await asService<{ id: string }>(save("1"));

    const answers = await atOnce<Claim>(
      Array.from(
        { length: CALLERS },
        (_, index) => `public.complete_token_refresh('${id}', 1, 'access-by-${index}')`,
      ),
    );

    const winners = answers.flatMap((answer, index) =>
      (answer as Claim).outcome === "refreshed" ? [index] : [],
    );
    expect(winners).toHaveLength(1);
    const { access_token, token_version } = await asService<Record<string, unknown>>(
      `public.connection_credential('${id}')`,
    );
    expect({ access_token, token_version }).toEqual({
      access_token: `access-by-${winners[0]}`,
      token_version: 2,
    });
  });

  it("raises one event when many hear that it is over", async () => {
    const { id } = await asService<{ id: string }>(save("1"));
    const { lease_token } = await asService<Claim>(`public.claim_token_refresh('${id}', 1)`);

    const answers = await atOnce<Claim>(
      Array.from(
        { length: 20 },
        () => `public.fail_token_refresh('${id}', '${lease_token}', 1, 'invalid_grant', true)`,
      ),
    );

    const outcomes = answers.map((answer) => (answer as Claim).outcome).sort();
    expect(outcomes).toEqual(["expired", ...Array(19).fill("inactive")]);
    const { count } = await one<{ count: number }>(
      `select count(*)::integer from public.audit_logs
      where organization_id = $1 and action = 'connection.expired'`,
      [organization],
    );
    expect(count).toBe(1);
  });

  it("makes one connection of an account that is connected twenty times", async () => {
    const answers = await atOnce<{ id: string }>(
      Array.from({ length: 20 }, (_, index) => save(String(index))),
    );

    expect(new Set(answers.map((answer) => (answer as { id: string }).id)).size).toBe(1);
    expect(
      await one(
        `select count(*)::integer as connections, max(token_version) as version,
          ${inVault} as secrets
        from public.user_integration_credentials where organization_id = $1`,
        [organization],
      ),
    ).toEqual({ connections: 1, version: 20, secrets: 2 });
  });

  it("is confirmed once by ten who show its code", async () => {
    const hash = createHash("sha256").update("code").digest("hex");
    const { id, connection_status } = await asService<{ id: string; connection_status: string }>(
      save("1").replace(/\)$/, `, p_confirmation_hash => '${hash}')`),
    );

    const answers = await atOnce<{ connection_status: string }>(
      Array.from({ length: 10 }, () => `public.confirm_connection('${id}', 'code')`),
      "tests.act_as('connected')",
    );

    expect(connection_status).toBe("unconfirmed");
    expect(answers.filter((answer) => answer === "confirmation_not_found")).toHaveLength(9);
    expect(answers.filter((answer) => answer !== "confirmation_not_found")).toEqual([
      expect.objectContaining({ connection_status: "active" }),
    ]);
  });

  it("leaves nothing in Vault of a connection that is ended while it is refreshed", async () => {
    const { id } = await asService<{ id: string }>(save("1"));
    await asService(`public.claim_token_refresh('${id}', 1)`);

    const answers = await atOnce<Claim>([
      `public.disconnect_service('${id}')`,
      ...Array.from(
        { length: 10 },
        () => `public.complete_token_refresh('${id}', 1, 'access-2', 'refresh-2')`,
      ),
    ]);

    expect(answers[0]).toMatchObject({ connection_status: "disconnected" });
    expect(
      answers
        .slice(1)
        .filter(
          (answer) => !["refreshed", "superseded", "inactive"].includes((answer as Claim).outcome),
        ),
    ).toEqual([]);
    expect(await one(`select ${inVault} as secrets`, [organization])).toEqual({ secrets: 0 });
  });

  it("leaves nothing in Vault of a user who is deleted while accounts are connected", async () => {
    const connecting = atOnce(
      Array.from({ length: 20 }, (_, index) => save("1", `account-${index}`)),
    );
    await database.query("delete from auth.users where id = $1", [user]);
    await connecting;

    expect(
      await one(
        `select ${inVault} as secrets, count(*)::integer as connections
        from public.user_integration_credentials where organization_id = $1`,
        [organization],
      ),
    ).toEqual({ secrets: 0, connections: 0 });
  });

  it("lets one of fifty who show a state have it", async () => {
    const state = createHash("sha256").update(randomBytes(32)).digest("hex");
    const verifier = randomBytes(32).toString("base64url");
    await asService(
      `public.create_oauth_state('${state}', '${user}', '${organization}',
        (select id from public.service_providers where name = 'gmail'), '${verifier}')`,
    );

    const answers = await atOnce<{ code_verifier: string }>(
      Array.from({ length: CALLERS }, () => `public.consume_oauth_state('${state}')`),
    );

    const found = answers.filter((answer) => typeof answer !== "string");
    expect(found).toMatchObject([{ code_verifier: verifier }]);
    expect(new Set(answers.filter((answer) => typeof answer === "string"))).toEqual(
      new Set(["oauth_state_not_found"]),
    );
    expect(await one(`select ${inVault} as secrets`, [organization])).toEqual({ secrets: 0 });
  });
});
