import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const sessions = 6;

let clients: pg.Client[] = [];
let database: pg.Client;
let task: { id: string; agent_id: string; organization_id: string; user_id: string };

/** Runs the statement in every session at once and answers what each returned, or its error. */
async function atOnce<Row extends pg.QueryResultRow>(
  sql: (session: number) => string,
): Promise<(Row | Error)[]> {
  const answers = await Promise.allSettled(
    clients.map((client, session) => client.query<Row>(sql(session))),
  );
  return answers.map((answer) => {
    if (answer.status === "rejected") {
      return answer.reason as Error;
    }
    // Several statements answer with several results.
    const [last] = [answer.value].flat().slice(-1);
    return last?.rows[0] as Row;
  });
}

/** Makes so many tasks that are due now, and forgets all runs. */
async function makeDue(count: number): Promise<void> {
  await database.query("delete from public.agent_task_runs");
  await database.query("delete from public.agent_tasks where name like 'due %'");
  await database.query(
    `insert into public.agent_tasks (organization_id, user_id, agent_id, name, cron_expression)
    select $1, $2, $3, 'due ' || n, '*/5 * * * *' from generate_series(1, $4::integer) as n`,
    [task.organization_id, task.user_id, task.agent_id, count],
  );
  await database.query("update public.agent_tasks set next_run_at = now() where name like 'due %'");
}

async function numberOf(sql: string): Promise<number> {
  const { rows } = await database.query<{ number: string }>(`select (${sql})::bigint as number`);
  return Number(rows[0]?.number);
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("several sessions at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(Array.from({ length: sessions }, () => connect()));
    await database.query("select tests.create_user('crowd')");
    const { rows } = await database.query<typeof task>(
      `with scribes as (
        insert into public.agents (organization_id, user_id, name)
        values (tests.organization_of('crowd'), tests.user_id('crowd'), 'Scribe')
        returning id, organization_id, user_id
      )
      insert into public.agent_tasks (organization_id, user_id, agent_id, name)
      select organization_id, user_id, id, 'crowded' from scribes
      returning id, agent_id, organization_id, user_id`,
    );
    task = rows[0] as typeof task;
  });

  afterAll(async () => {
    await database?.query("delete from auth.users where email = 'crowd@example.test'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("never dispatch an occurrence twice", async () => {
    await makeDue(1000);

    const dispatched = await atOnce<{ runs: number }>(
      () => "select private.dispatch_due_tasks(300) as runs",
    );

    const runs = dispatched.map((answer) => (answer instanceof Error ? answer : answer.runs));
    expect(runs.filter((count) => count instanceof Error)).toEqual([]);
    expect((runs as number[]).reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(await numberOf("select count(distinct task_id) from public.agent_task_runs")).toBe(1000);
    expect(await numberOf("select count(*) from private.jobs where queue = 'tasks'")).toBe(1000);
  });

  it("lose nothing when a dispatcher is killed", async () => {
    await makeDue(200);
    const killed = await connect();
    killed.on("error", () => undefined);
    const ended = new Promise((resolve) => killed.once("end", resolve));
    const { rows } = await killed.query<{ pid: number }>("select pg_backend_pid() as pid");
    await killed.query("begin");
    await killed.query("select private.dispatch_due_tasks()");

    await database.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await ended;

    expect(await numberOf("select count(*) from public.agent_task_runs")).toBe(0);
    expect(await numberOf("select private.dispatch_due_tasks()")).toBe(200);
    expect(await numberOf("select private.dispatch_due_tasks()")).toBe(0);
  });

  it("keep the order of steps without gaps", async () => {
    const claims = JSON.stringify({ sub: task.user_id, role: "authenticated" });

    const created = await atOnce(
      (session) => `
        begin;
        select set_config('request.jwt.claims', '${claims}', true), set_config('role', 'authenticated', true);
        select public.create_task_step('${task.id}', 1, 'step ${session}', 'Do what it says.');
        select public.create_task_step('${task.id}', null, 'step ${session}', 'Do what it says.');
        commit`,
    );

    expect(created.filter((answer) => answer instanceof Error)).toEqual([]);
    const { rows } = await database.query<{ step_order: number }>(
      "select step_order from public.task_steps where task_id = $1 order by step_order",
      [task.id],
    );
    expect(rows.map(({ step_order }) => step_order)).toEqual(
      Array.from({ length: 2 * sessions }, (_, index) => index + 1),
    );
    expect(
      await numberOf(`select step_count from public.agent_tasks where id = '${task.id}'`),
    ).toBe(2 * sessions);
  });

  it("stay within the budget together", async () => {
    await database.query(
      "update public.organization_quotas set monthly_model_cost_limit_usd = 4 where organization_id = $1",
      [task.organization_id],
    );

    // One dollar each: gpt-4o takes 10 USD per million tokens of output.
    const begun = await atOnce(
      () =>
        `select public.begin_model_call('${task.organization_id}', null, 'openai-compatible', 'gpt-4o', 0, 100000)`,
    );

    expect(begun.filter((answer) => !(answer instanceof Error))).toHaveLength(4);
    expect(
      await numberOf(
        `select reserved_usd from private.model_usage_months where organization_id = '${task.organization_id}'`,
      ),
    ).toBe(4);
  });
});
