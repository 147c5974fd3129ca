import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const name = "Founded At Once";
let clients: pg.Client[] = [];

/** Founds an organization of that name, in a transaction that stays open a moment. */
async function found(client: pg.Client, slug: string | null): Promise<string> {
  await client.query("begin");
  try {
    const { rows } = await client.query(
      `select set_config('request.jwt.claims', jsonb_build_object('sub', id)::text, true)
      from auth.users where email = 'founder@example.test'`,
    );
    expect(rows).toHaveLength(1);
    const answer = await client.query("select slug from public.create_organization($1, $2, null)", [
      name,
      slug,
    ]);
    await client.query("select pg_sleep(0.05)");
    await client.query("commit");
    return answer.rows[0].slug;
  } catch (error) {
    await client.query("rollback");
    return (error as pg.DatabaseError).detail ?? String(error);
  }
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("organizations of one name", () => {
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: 6 }, () => connect()));
    await clients[0]?.query(
      "insert into auth.users (id, email) values (gen_random_uuid(), 'founder@example.test')",
    );
  });
  afterAll(async () => {
    await clients[0]?.query("delete from public.organizations where name = $1", [name]);
    await clients[0]?.query("delete from auth.users where email = 'founder@example.test'");
    await Promise.all(clients.map((client) => client.end()));
  });

  it("are all founded at once, each with a slug of its own", async () => {
    const slugs = await Promise.all(clients.map((client) => found(client, null)));

    expect(new Set(slugs).size).toBe(6);
    expect(slugs.every((slug) => slug.startsWith("founded-at-once"))).toBe(true);
  });

  it("are refused but for one where they ask for the same slug", async () => {
    const answers = await Promise.all(clients.map((client) => found(client, "asked-for")));

    expect(answers.toSorted()).toEqual(["asked-for", ...Array(5).fill("organization_slug_taken")]);
  });
});
