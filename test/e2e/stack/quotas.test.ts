import type { SupabaseClient } from "@supabase/supabase-js";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { organizationUsageDay } from "../../../types/schemas.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { newPerson, type Person } from "../functions/people.ts";

let stack: Stack;
let database: pg.Client;
let person: Person;
beforeAll(async () => {
  stack = await startTestStack();
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  // A volatile function and a stable one, for the tests of this file only.
  await database.query(`
    create function public.read_something() returns integer language sql stable set search_path = ''
    as 'select 1';
    create function public.write_nothing() returns integer language sql volatile set search_path = ''
    as 'select 1';
    grant execute on function public.read_something(), public.write_nothing() to authenticated;
    notify pgrst, 'reload schema';
  `);
});
beforeEach(async () => {
  person = await newPerson(stack);
  await person.client.rpc("switch_organization", { p_organization_id: person.organizationId });
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

async function limit(limits: Record<string, number | null>, by: Person = person) {
  const { data, error } = await by.client
    .from("organization_quotas")
    .update(limits)
    .eq("organization_id", by.organizationId)
    .select();
  expect(error).toBeNull();
  expect(data).toHaveLength(1);
}

/** Waits for a minute of the clock that does not end within the test. */
async function wholeMinute() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

const addTeam = (client: SupabaseClient, name: string) =>
  client.from("teams").insert({ name }).select("id").single();

describe("the limits of an organization", () => {
  it("are told with the use beside them", async () => {
    await limit({ requests_per_minute_limit: 100, rows_limit: 5000, storage_bytes_limit: null });
    await addTeam(person.client, "First");

    const { data } = await person.client
      .from("organization_usage")
      .select()
      .eq("organization_id", person.organizationId)
      .single();

    expect(data).toMatchObject({
      requests_per_minute_limit: 100,
      rows_limit: 5000,
      storage_bytes_limit: null,
      jobs_in_flight: 0,
      storage_bytes: 0,
    });
    expect(Number(data.requests_this_minute)).toBeGreaterThan(0);
    expect(Number(data.row_count)).toBeGreaterThan(0);
  });

  it("stop writing requests with 429 and when to come back, and let reading ones through", async () => {
    await wholeMinute();
    await limit({ requests_per_minute_limit: 3 });

    const first = await addTeam(person.client, "One");
    const second = await person.client.rpc("write_nothing");
    const third = await person.client
      .from("teams")
      .update({ name: "Renamed" })
      .eq("id", first.data?.id);
    const fourth = await addTeam(person.client, "Two");
    const call = await person.client.rpc("write_nothing");
    const reads = await Promise.all([
      person.client.from("teams").select("name"),
      person.client.rpc("read_something"),
      person.client.rpc("write_nothing", undefined, { get: true }),
    ]);

    expect([first.error, second.error, third.error]).toEqual([null, null, null]);
    expect(fourth).toMatchObject({
      status: 429,
      error: {
        code: "PT429",
        details: "requests_quota_reached",
        hint: expect.stringMatching(/^Try again in \d+ seconds/),
      },
    });
    expect(call.status).toBe(429);
    expect(reads.map(({ error }) => error)).toEqual([null, null, null]);
    expect(reads[0].data).toEqual([{ name: "Renamed" }]);
    await limit({ requests_per_minute_limit: null });
    expect((await addTeam(person.client, "Two")).error).toBeNull();
  });

  it("are those of the organization that the request names", async () => {
    await wholeMinute();
    await limit({ requests_per_minute_limit: 0 });
    const { data } = await person.client.from("organizations").select("id").eq("is_personal", true);
    const headers = { authorization: `Bearer ${person.token}`, "x-organization-id": data?.[0]?.id };
    const write = (extra: Record<string, string>) =>
      fetch(`${stack.url}/rest/v1/rpc/write_nothing`, {
        method: "POST",
        headers: {
          apikey: stack.keys.publishableKey,
          "content-type": "application/json",
          ...extra,
        },
        body: "{}",
      });

    const elsewhere = await write(headers);
    const here = await write({ authorization: headers.authorization });
    const stranger = await newPerson(stack);
    const forged = await write({
      authorization: `Bearer ${stranger.token}`,
      "x-organization-id": person.organizationId,
    });

    expect(elsewhere.status).toBe(200);
    expect(here.status).toBe(429);
    expect(forged.status).toBe(200);
  });

  it("stop rows at the end of the request that would add too many", async () => {
    await limit({ rows_limit: 5000 });
    const { data } = await person.client
      .from("organization_usage")
      .select("row_count")
      .eq("organization_id", person.organizationId)
      .single();
    await limit({ rows_limit: Number(data?.row_count) + 1 });

    const both = await person.client.from("teams").insert([{ name: "One" }, { name: "Two" }]);
    const one = await addTeam(person.client, "One");
    const more = await addTeam(person.client, "Two");
    const { data: teams } = await person.client.from("teams").select("name");

    expect(both).toMatchObject({ status: 429, error: { details: "rows_quota_reached" } });
    expect(one.error).toBeNull();
    expect(more).toMatchObject({ status: 429, error: { code: "PT429" } });
    expect(teams).toEqual([{ name: "One" }]);
  });

  it("stop commands that would start too many jobs", async () => {
    const task = await person.client
      .from("agent_tasks")
      .insert({
        agent_id: person.agentId,
        name: "Report",
        cron_expression: "0 0 1 1 *",
        overlap_policy: "allow",
      })
      .select("id")
      .single();
    await limit({ jobs_in_flight_limit: 1 });
    const run = () => person.client.rpc("run_task_now", { p_task_id: task.data?.id });

    const first = await run();
    const second = await run();

    expect(first.error).toBeNull();
    expect(second).toMatchObject({ status: 429, error: { details: "jobs_quota_reached" } });
  });

  it("hold functions too, which say in Retry-After when to come back", async () => {
    await limit({ requests_per_minute_limit: 0 });

    const response = await fetch(`${stack.url}/functions/v1/agent-chat`, {
      method: "POST",
      headers: {
        apikey: stack.keys.publishableKey,
        authorization: `Bearer ${person.token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        agent_id: person.agentId,
        channel_id: person.channelId,
        message: "Hello",
      }),
    });

    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: "requests_quota_reached" });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("and the use of each day can be read", async () => {
    await addTeam(person.client, "First");
    await clientOf(stack, stack.keys.secretKey).rpc("tick");

    const { data, error } = await person.client.rpc("organization_usage_by_day", {
      p_organization_id: person.organizationId,
    });

    expect(error).toBeNull();
    const days = data.map((day: unknown) => organizationUsageDay.parse(day));
    expect(days).toHaveLength(30);
    expect(Number(days.at(-1).request_count)).toBeGreaterThan(0);
    expect(Number(days.at(-1).row_count)).toBeGreaterThan(0);
  });
});
