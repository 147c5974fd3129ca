import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const people = ["ivy", "jack", "kate", "leo"];

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;

/** What somebody says over a connection of their own. */
interface Saying {
  as: string;
  sql: string;
}

/** Takes on somebody's token within a transaction, as PostgREST does. */
async function begin(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query("select tests.user_id($1) as id", [name]);
  await client.query("begin");
  await client.query(
    `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`,
    [JSON.stringify({ sub: rows[0].id, role: "authenticated" })],
  );
}

/** What each was answered: "ok", or the error's key; each transaction stays open a moment. */
async function atOnce(...sayings: Saying[]): Promise<string[]> {
  const answers = sayings.map(async ({ as, sql }, index) => {
    const client = clients[index] as pg.Client;
    await begin(client, as);
    try {
      await client.query(sql);
      await client.query("select pg_sleep(0.05)");
      await client.query("commit");
      return "ok";
    } catch (error) {
      await client.query("rollback");
      const { detail, code } = error as { detail?: string; code?: string };
      return detail && /^[a-z_]+$/.test(detail) ? detail : String(code);
    }
  });
  return Promise.all(answers);
}

async function oneOf<T>(sql: string): Promise<T> {
  return (await database.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
}

/** Says something as somebody and answers the one value. */
async function tell<T>({ as, sql }: Saying): Promise<T> {
  const client = clients[0] as pg.Client;
  await begin(client, as);
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.query("commit");
  }
}

const user = (name: string) => `tests.user_id('${name}')`;
const role = (name: string) =>
  `(select id from public.roles where name = '${name}' and organization_id is null)`;
const ownRole = (name: string) =>
  `(select id from public.roles where name = '${name}' and organization_id = '${organization}')`;

/** Gives people their places; the others have none. */
async function seat(places: Record<string, string>): Promise<void> {
  // In one statement, so that there is an owner at its end.
  await database.query(
    `with seated as (
      insert into public.organization_members (organization_id, user_id, role_id)
      select $1, tests.user_id(place.key), roles.id
      from jsonb_each_text($2) as place
      join public.roles on roles.name = place.value and roles.organization_id is null
      on conflict (organization_id, user_id) do update
      set role_id = excluded.role_id, status = 'active', custom_permissions = default
      returning user_id
    )
    delete from public.organization_members
    where organization_id = $1
      and user_id <> all (select tests.user_id(name) from jsonb_object_keys($2) as name)`,
    [organization, JSON.stringify(places)],
  );
}

/** Takes all invitations away. */
async function withdraw(): Promise<void> {
  await database?.query("delete from public.organization_invitations where organization_id = $1", [
    organization,
  ]);
}

const invite = (email: string, roleSql: string) =>
  tell<{ id: string; token: string }>({
    as: "ivy",
    sql: `select public.invite_member('${organization}', '${email}', ${roleSql})`,
  });

const placeOf = (name: string) =>
  oneOf<string | undefined>(
    `select concat_ws(' ', roles.name, organization_members.status)
    from public.organization_members
    join public.roles on roles.id = organization_members.role_id
    where organization_members.organization_id = '${organization}' and user_id = ${user(name)}`,
  );

const statusOf = (id: string) =>
  oneOf<string>(`select status from public.organization_invitations where id = '${id}'`);

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("people at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(people.map(() => connect()));
    for (const name of people) await database.query("select tests.create_user($1)", [name]);
    await database.query(
      "update auth.users set email_confirmed_at = now() where email = any ($1)",
      [people.map((name) => `${name}@example.test`)],
    );
    organization = await oneOf(
      "insert into public.organizations (name, slug) values ('Throng', 'throng') returning id",
    );
  });
  beforeEach(() => seat({ ivy: "owner" }));
  afterEach(withdraw);
  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'throng'");
    await database?.query("delete from auth.users where email = any ($1)", [
      people.map((name) => `${name}@example.test`),
    ]);
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("accept an invitation once", async () => {
    for (let round = 0; round < 5; round++) {
      await seat({ ivy: "owner" });
      const { id, token } = await invite("jack@example.test", role("member"));

      const answers = await atOnce(
        { as: "jack", sql: `select public.accept_invitation('${token}')` },
        { as: "jack", sql: `select public.accept_invitation('${token}')` },
        { as: "jack", sql: `select public.accept_invitation(p_invitation_id => '${id}')` },
      );

      expect(answers.toSorted()).toEqual(["invitation_answered", "invitation_answered", "ok"]);
      expect(await placeOf("jack")).toBe("member active");
    }
  });

  it("accept, decline or revoke: the first counts", async () => {
    for (let round = 0; round < 6; round++) {
      await seat({ ivy: "owner" });
      const { id, token } = await invite("jack@example.test", role("member"));
      const sayings = [
        { as: "jack", sql: `select public.accept_invitation('${token}')` },
        { as: "jack", sql: `select public.decline_invitation('${token}')` },
        { as: "ivy", sql: `select public.revoke_invitation('${id}')` },
      ];

      const answers = await atOnce(...sayings.slice(round % 3), ...sayings.slice(0, round % 3));

      expect(answers.filter((answer) => answer === "ok")).toHaveLength(1);
      expect(answers.filter((answer) => /^\d/.test(answer))).toEqual([]);
      const status = await statusOf(id);
      expect(await placeOf("jack")).toBe(status === "accepted" ? "member active" : undefined);
    }
  });

  it("use no link that was replaced meanwhile", async () => {
    for (let round = 0; round < 4; round++) {
      await seat({ ivy: "owner" });
      const { id, token } = await invite("jack@example.test", role("member"));
      await database.query(
        `update public.organization_invitations set sent_at = sent_at - interval '2 minutes'
        where id = $1`,
        [id],
      );
      const sayings = [
        { as: "ivy", sql: `select public.resend_invitation('${id}')` },
        { as: "jack", sql: `select public.accept_invitation('${token}')` },
      ];

      const answers = await atOnce(...(round % 2 ? sayings : sayings.reverse()));

      expect(answers.toSorted()).toEqual(
        (await statusOf(id)) === "accepted"
          ? ["invitation_not_pending", "ok"]
          : ["invitation_not_found", "ok"],
      );
      await withdraw();
    }
  });

  it("ask an address once", async () => {
    await seat({ ivy: "owner", jack: "admin", kate: "manager" });

    const answers = await atOnce(
      ...["ivy", "jack", "kate"].map((as) => ({
        as,
        sql: `select public.invite_member('${organization}', 'leo@example.test', ${role("guest")})`,
      })),
    );

    expect(answers.toSorted()).toEqual(["already_invited", "already_invited", "ok"]);
  });

  it("keep an owner when the last two demote each other, or themselves", async () => {
    const demote = (as: string, whom: string) => ({
      as,
      sql: `select public.set_member_role('${organization}', ${user(whom)}, ${role("admin")})`,
    });
    for (let round = 0; round < 6; round++) {
      await seat({ ivy: "owner", jack: "owner" });

      const answers = await atOnce(
        ...(round % 2
          ? [demote("ivy", "ivy"), demote("jack", "jack")]
          : [demote("ivy", "jack"), demote("jack", "ivy")]),
      );

      expect(answers.filter((answer) => answer === "ok")).toHaveLength(1);
      expect(answers.filter((answer) => /^\d/.test(answer))).toEqual([]);
      expect([await placeOf("ivy"), await placeOf("jack")].toSorted()).toEqual([
        "admin active",
        "owner active",
      ]);
    }
  });

  it("keep an owner when all of them leave, are suspended and hand over", async () => {
    for (let round = 0; round < 4; round++) {
      await seat({ ivy: "owner", jack: "owner", kate: "owner", leo: "member" });

      const answers = await atOnce(
        { as: "ivy", sql: `select public.leave_organization('${organization}')` },
        { as: "jack", sql: `select public.suspend_member('${organization}', ${user("kate")})` },
        { as: "kate", sql: `select public.transfer_ownership('${organization}', ${user("leo")})` },
        { as: "leo", sql: `select public.leave_organization('${organization}')` },
      );

      expect(answers.filter((answer) => /^\d/.test(answer))).toEqual([]);
      expect(
        await oneOf<string>(
          `select count(*) from public.organization_members
          join public.roles on roles.id = role_id
          where organization_members.organization_id = '${organization}'
            and roles.name = 'owner' and status = 'active'`,
        ).then(Number),
      ).toBeGreaterThan(0);
    }
  });

  it("hand an organization over to one, not to two", async () => {
    await seat({ ivy: "owner", jack: "member", kate: "member" });

    const answers = await atOnce(
      { as: "ivy", sql: `select public.transfer_ownership('${organization}', ${user("jack")})` },
      { as: "ivy", sql: `select public.transfer_ownership('${organization}', ${user("kate")})` },
    );

    expect(answers.toSorted()).toEqual(["ok", "permission_denied"]);
    expect([await placeOf("ivy"), await placeOf("jack"), await placeOf("kate")].toSorted()).toEqual(
      ["admin active", "member active", "owner active"],
    );
  });

  it("hand over to each other without waiting in a circle", async () => {
    for (let round = 0; round < 4; round++) {
      await seat({ ivy: "owner", jack: "owner" });

      const answers = await atOnce(
        { as: "ivy", sql: `select public.transfer_ownership('${organization}', ${user("jack")})` },
        { as: "jack", sql: `select public.transfer_ownership('${organization}', ${user("ivy")})` },
      );

      expect(answers).toEqual(["ok", "ok"]);
    }
  });

  it("do not use what they lost while they waited", async () => {
    await seat({ ivy: "owner", jack: "admin", kate: "member" });
    const [first, second] = clients as [pg.Client, pg.Client];
    await begin(first, "ivy");
    await first.query(
      `select public.set_member_role('${organization}', ${user("kate")}, ${role("manager")})`,
    );
    await begin(second, "jack");
    const waiting = second
      .query(`select public.remove_member('${organization}', ${user("kate")})`)
      .then(() => "ok")
      .catch((error) => error.detail);

    await first.query(
      `select public.set_member_role('${organization}', ${user("jack")}, ${role("guest")})`,
    );
    await first.query("commit");

    expect(await waiting).toBe("permission_denied");
    await second.query("rollback");
    expect(await placeOf("kate")).toBe("manager active");
  });

  it("are cut off by a suspension: what runs ends, what follows reads nothing", async () => {
    await seat({ ivy: "owner", jack: "member" });
    const session = clients[1] as pg.Client;
    await begin(session, "jack");
    const seen = `select count(*)::integer as rows
      from public.organizations where id = '${organization}'`;
    const running = session.query(`${seen} and pg_sleep(0.3) is not null`);

    await new Promise((resolve) => setTimeout(resolve, 100));
    await tell({
      as: "ivy",
      sql: `select public.suspend_member('${organization}', ${user("jack")})`,
    });

    expect((await running).rows).toEqual([{ rows: 1 }]);
    // In the same transaction, under the same token.
    expect((await session.query(seen)).rows).toEqual([{ rows: 0 }]);
    await expect(
      session.query(
        `insert into public.agents (organization_id, name) values ('${organization}', 'Spy')`,
      ),
    ).rejects.toMatchObject({ code: "42501" });
    await session.query("rollback");
  });

  it("join a role, change it and delete it without waiting in a circle", async () => {
    for (let round = 0; round < 8; round++) {
      await seat({ ivy: "owner", kate: "admin", leo: "admin" });
      await tell({
        as: "ivy",
        sql: `select public.create_role('${organization}', 'clerk', 'Clerk', '{agents.read}')`,
      });
      const { token } = await invite("jack@example.test", ownRole("clerk"));
      const clerk = await oneOf<string>(`select ${ownRole("clerk")}`);
      const sayings = [
        { as: "jack", sql: `select public.accept_invitation('${token}')` },
        { as: "leo", sql: `select public.set_role_permissions('${clerk}', '{agents.run}')` },
        { as: "kate", sql: `select public.delete_role('${clerk}', ${role("guest")})` },
        {
          as: "ivy",
          sql: `select public.set_member_role('${organization}', ${user("leo")}, '${clerk}')`,
        },
      ];

      const turn = round % sayings.length;
      const answers = await atOnce(...sayings.slice(turn), ...sayings.slice(0, turn));

      expect(answers.filter((answer) => /^\d/.test(answer))).toEqual([]);
      // Whatever came first, everyone holds what their role carries.
      expect(
        await oneOf<string>(
          `select count(*) from public.organization_members
          where organization_id = '${organization}'
            and permissions <> private.permissions_of_role(role_id)`,
        ),
      ).toBe("0");
      await seat({ ivy: "owner" });
      await database.query("delete from public.roles where id = $1", [clerk]);
      await withdraw();
    }
  });
});
