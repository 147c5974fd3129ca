import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;

/** What each statement of the service said, each in a transaction that stays open a moment. */
async function overlapping(statements: string[]): Promise<string[]> {
  const answers = await Promise.allSettled(
    statements.map(async (statement, index) => {
      const client = clients[index] as pg.Client;
      await client.query("begin");
      try {
        await client.query("select tests.act_as_service()");
        await client.query(statement);
        await client.query("select pg_sleep(0.1)");
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

async function one<T>(sql: string, values: unknown[] = []): Promise<T> {
  return (await database.query(sql, values)).rows[0] as T;
}

const inVault = `(
  select count(*)::integer from vault.secrets
  where name like 'organizations/' || $1 || '/secrets/%'
)`;

const create = (name: string, value: string) =>
  `select public.create_organization_secret('${organization}', '${name}', '${value}')`;

/** The secret under a name: what it is now, and how often it was replaced. */
async function secret(name: string): Promise<{ id: string; version: number; value: string }> {
  return one(
    `select secret.id, secret.version, decrypted_secrets.decrypted_secret as value
    from public.organization_secrets as secret
    join private.organization_secret_values on secret_id = secret.id
    join vault.decrypted_secrets on decrypted_secrets.id = vault_secret_id
    where secret.organization_id = $1 and secret.name = $2`,
    [organization, name],
  );
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("secrets at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: 6 }, () => connect()));
  });
  beforeEach(async () => {
    await database.query("delete from public.organizations where slug = 'vaulted'");
    const row = await one<{ id: string }>(
      "insert into public.organizations (name, slug) values ('Vaulted', 'vaulted') returning id",
    );
    organization = row.id;
  });
  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'vaulted'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are created once under a name, and the losers leave nothing in Vault", async () => {
    const answers = await overlapping(clients.map((_, index) => create("mailer", `v${index}`)));

    expect(answers.toSorted()).toEqual(["ok", ...Array(5).fill("secret_name_taken")]);
    const kept = await secret("mailer");
    expect(kept.value).toBe(`v${answers.indexOf("ok")}`);
    expect(await one(`select ${inVault} as count`, [organization])).toEqual({ count: 1 });
  });

  it("count every rotation, and end with the value of the last", async () => {
    await overlapping([create("mailer", "first")]);
    const { id } = await secret("mailer");

    const answers = await overlapping(
      clients.map((_, index) => `select public.rotate_organization_secret('${id}', 'v${index}')`),
    );

    expect(answers).toEqual(Array(6).fill("ok"));
    const kept = await secret("mailer");
    expect(kept.version).toBe(7);
    const { rows } = await database.query(
      `select new_values ->> 'version' as version from public.audit_logs
      where resource_id = $1 and action = 'organization_secret.updated' order by id`,
      [id],
    );
    expect(rows.map(({ version }) => Number(version))).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it("are resolved whole while they are rotated: value and version belong together", async () => {
    await overlapping([create("mailer", "v1")]);
    const { id } = await secret("mailer");
    const [rotating, ...reading] = clients as [pg.Client, ...pg.Client[]];
    let done = false;

    const rotations = (async () => {
      await rotating.query("set role service_role");
      await rotating.query(
        `select set_config('request.jwt.claims', '{"role": "service_role"}', false)`,
      );
      for (let version = 2; version <= 60; version += 1) {
        await rotating.query("select public.rotate_organization_secret($1, $2)", [
          id,
          `v${version}`,
        ]);
      }
      await rotating.query("reset role");
      await rotating.query("select set_config('request.jwt.claims', '', false)");
      done = true;
    })();
    const seen = await Promise.all(
      reading.map(async (client) => {
        const values: string[] = [];
        while (!done) {
          const { rows } = await client.query(
            `select secrets ->> 'mailer' as value
            from private.resolve_organization_secrets($1, array['mailer']) as secrets`,
            [organization],
          );
          values.push(rows[0].value);
        }
        return values;
      }),
    );
    await rotations;

    // Each reading is written down with the version whose value it got.
    const versions = seen.flat().map((value) => Number(value.slice(1)));
    const { rows } = await database.query(
      `select new_values ->> 'version' as version from public.audit_logs
      where resource_id = $1 and action = 'secret.read'`,
      [id],
    );
    const byNumber = (a: number, b: number) => a - b;
    expect(new Set(versions).size).toBeGreaterThan(5);
    expect(rows.map(({ version }) => Number(version)).toSorted(byNumber)).toEqual(
      versions.toSorted(byNumber),
    );
    expect(await secret("mailer")).toMatchObject({ version: 60, value: "v60" });
  });

  it("make readers of one secret wait for nobody", async () => {
    await overlapping([create("mailer", "v1")]);
    const [holder, reader] = clients as [pg.Client, pg.Client];
    await holder.query("begin");
    await holder.query("select private.resolve_organization_secrets($1, array['mailer'])", [
      organization,
    ]);

    await reader.query("set lock_timeout = '500ms'");
    const read = await reader.query(
      "select private.resolve_organization_secrets($1, array['mailer']) as secrets",
      [organization],
    );
    await reader.query("reset lock_timeout");
    await holder.query("commit");

    expect(read.rows).toEqual([{ secrets: { mailer: "v1" } }]);
  });

  it("go or stay as a whole when one is deleted while it is rotated", async () => {
    await overlapping([create("mailer", "v1")]);
    const { id } = await secret("mailer");

    const answers = await overlapping([
      `select public.delete_organization_secret('${id}')`,
      `select public.rotate_organization_secret('${id}', 'v2')`,
      `select public.delete_organization_secret('${id}')`,
    ]);

    expect(answers.filter((answer) => answer === "ok").length).toBeGreaterThanOrEqual(1);
    expect(new Set(answers)).toEqual(new Set(["ok", "secret_not_found"]));
    expect(
      await one(
        `select
          ${inVault} as vault,
          (select count(*)::integer from public.organization_secrets where id = $2) as secrets`,
        [organization, id],
      ),
    ).toEqual({ vault: 0, secrets: 0 });
  });

  it("leave nothing in Vault when their organization goes while one is created", async () => {
    await overlapping([create("mailer", "v1")]);

    await Promise.allSettled([
      overlapping([create("other", "v2")]),
      database.query("delete from public.organizations where id = $1", [organization]),
    ]);
    await database.query("delete from public.organizations where id = $1", [organization]);

    expect(await one(`select ${inVault} as count`, [organization])).toEqual({ count: 0 });
  });

  it("record a denial once, however many are denied at the same moment", async () => {
    await database.query("select tests.create_user('curious')");
    await database.query("select tests.add_member($1, 'curious', 'member')", [organization]);

    await Promise.all(
      clients.map(async (client) => {
        await client.query("begin");
        await client.query("select tests.act_as('curious')");
        await client.query("select public.check_permission($1, 'secrets.manage')", [organization]);
        await client.query("commit");
      }),
    );

    expect(
      await one(
        `select
          (
            select count(*)::integer from public.audit_logs
            where organization_id = $1 and action = 'permission.denied'
          ) as recorded,
          (
            select suppressed_count::integer from private.permission_denials
            where organization_id = $1
          ) as suppressed`,
        [organization],
      ),
    ).toEqual({ recorded: 1, suppressed: 5 });
    await database.query("delete from auth.users where email = 'curious@example.test'");
  });
});
