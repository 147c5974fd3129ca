import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { copyKind } from "../../../scripts/stack/wire/copy-in.ts";
import { startTestStack } from "../../support/stack.ts";
import { createProject } from "./support.ts";

describe("the wire server of the in-process Postgres", () => {
  let project: Awaited<ReturnType<typeof createProject>>;
  let stack: Stack;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    project = await createProject({
      "supabase/migrations/1_numbers.sql":
        "create table public.numbers (n int); grant all on public.numbers to service_role;",
    });
    // Its subject is the one session of the in-process Postgres: never a server.
    stack = await startTestStack({ root: project.root, dbUrl: undefined });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await stack?.stop();
    await project?.remove();
  });

  const connect = async (config: pg.ClientConfig = {}) => {
    const client = new pg.Client({ connectionString: stack.databaseUrl, ...config });
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const rest = () =>
    fetch(`${stack.url}/rest/v1/numbers?select=n`, {
      headers: { apikey: stack.keys.secretKey },
    }).then((response) => response.json());

  it("keeps everybody else out of an open transaction", async () => {
    const [one, other] = [await connect(), await connect()];
    await one.query("begin");
    await one.query("insert into public.numbers values (1)");

    const others = Promise.all([rest(), other.query("select count(*)::int from public.numbers")]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await one.query("rollback");

    const [seenByRest, seenByOther] = await others;
    expect(seenByRest).toEqual([]);
    expect(seenByOther.rows).toEqual([{ count: 0 }]);
  });

  it("keeps a client's role and settings from everybody else, and for the client", async () => {
    const [one, other] = [await connect(), await connect()];
    const ask =
      "select current_user as role, current_setting('request.jwt.claims', true) as claims";
    await one.query("set role authenticated");
    await one.query("select set_config('request.jwt.claims', '{\"sub\":\"me\"}', false)");

    const [seen, answer] = [await other.query(ask), await rest()];
    const own = await one.query(ask);

    expect(seen.rows).toEqual([{ role: "postgres", claims: "" }]);
    expect(answer).toEqual([]);
    expect(own.rows).toEqual([{ role: "authenticated", claims: '{"sub":"me"}' }]);
  });

  it("lets two clients use the same name for a prepared statement", async () => {
    const [one, other] = [await connect(), await connect()];

    const answers = [
      await one.query({ name: "s", text: "select 1 as n" }),
      await other.query({ name: "s", text: "select 2 as n" }),
      await one.query({ name: "s", text: "select 1 as n" }),
    ];

    expect(answers.map(({ rows }) => rows[0].n)).toEqual([1, 2, 1]);
  });

  it("keeps the steps of simultaneous queries together", async () => {
    const many = await Promise.all(Array.from({ length: 4 }, () => connect()));

    const wrong = await Promise.all(
      many.map(async (client, index) => {
        for (let at = 0; at < 25; at += 1) {
          const sum = index * 100 + at;
          const { rows } = await client.query("select $1::int + $2::int as n", [index * 100, at]);
          if (rows[0].n !== sum) return true;
        }
        return false;
      }),
    );

    expect(wrong).toEqual([false, false, false, false]);
  });

  it("rolls back what a client leaves open", async () => {
    const one = await connect();
    await one.query("begin");
    await one.query("insert into public.numbers values (7)");

    (one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();

    expect(await rest()).toEqual([]);
  });

  it("goes on after an error", async () => {
    const one = await connect();

    await expect(one.query("select nothing($1)", [1])).rejects.toThrow("does not exist");

    expect((await one.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
  });

  it("starts a client as the user and with the settings that it asks for", async () => {
    const url = new URL(stack.databaseUrl);
    url.username = "authenticator";
    const one = await connect({
      connectionString: url.href,
      options: "-c search_path=extensions",
    });

    const { rows } = await one.query(
      "select session_user::text as name, current_setting('search_path') as path",
    );

    expect(rows).toEqual([{ name: "authenticator", path: "extensions" }]);
  });

  it("collects a copy before PGlite sees it, and refuses one among other statements", () => {
    const query = (text: string) => Buffer.concat([Buffer.from("Q1234"), Buffer.from(`${text}\0`)]);

    expect(copyKind("Q", query("-- data\ncopy public.numbers from stdin"))).toBe("copy");
    expect(copyKind("Q", query("select 1; copy public.numbers from stdin"))).toBe("unsupported");
    expect(copyKind("Q", query("select 'copy it from stdin'"))).toBe("none");
  });
});
