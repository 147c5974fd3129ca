import type pg from "pg";
import type { Entry } from "./entry.ts";
import { openScratch, type Scratch } from "./scratch.ts";

const count = 10_000;

/** Puts a person with an agent there, whose tasks they are. */
async function prepare({ admin }: Scratch): Promise<void> {
  await admin.query(
    `insert into auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at)
    values (gen_random_uuid(), 'authenticated', 'authenticated', 'bench@example.test', '{}', now(), now())`,
  );
  await admin.query(
    `insert into public.agents (organization_id, user_id, name)
    select organizations.id, organizations.created_by_user_id, 'Bench'
    from public.organizations where organizations.is_personal`,
  );
}

async function makeDue({ admin }: Scratch): Promise<void> {
  await admin.query("truncate private.jobs");
  await admin.query("delete from public.agent_tasks");
  await admin.query(
    `insert into public.agent_tasks (organization_id, user_id, agent_id, name, cron_expression, timezone)
    select agents.organization_id, agents.user_id, agents.id, 'Task ' || n,
      n % 60 || ' ' || n % 24 || ' * * mon-fri',
      (array['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC'])[1 + n % 4]
    from public.agents, generate_series(1, $1::integer) as n`,
    [count],
  );
  await admin.query("update public.agent_tasks set next_run_at = now()");
  await admin.query("vacuum analyze public.agent_tasks");
}

/** Ticks until nothing is due; two at once share the work, and must not do it twice. */
async function tickUntilDone(scratch: Scratch, tickers: pg.Client[]): Promise<number> {
  await makeDue(scratch);
  const start = process.hrtime.bigint();
  const dispatched = await Promise.all(
    tickers.map(async (ticker) => {
      const { rows } = await ticker.query<{ tick: { runs_dispatched: number } }>(
        "select public.tick() as tick",
      );
      return rows[0]?.tick.runs_dispatched ?? 0;
    }),
  );
  const ms = Number(process.hrtime.bigint() - start) / 1e6;

  const { rows } = await scratch.admin.query<{ runs: number; tasks: number; jobs: number }>(
    `select count(*) as runs, count(distinct task_id) as tasks,
      (select count(*) from private.jobs where queue = 'tasks') as jobs
    from public.agent_task_runs`,
  );
  const found = rows[0];
  if (found?.runs !== count || found.tasks !== count || found.jobs !== count) {
    throw new Error(`Expected ${count} runs, one a task: ${JSON.stringify({ found, dispatched })}`);
  }
  return ms;
}

/** A tick in which ten thousand schedules are due. */
export const schedules: Entry = {
  name: "schedules",
  title: `${count.toLocaleString("en-US")} schedules due in one tick (each run counted: 0 duplicates)`,
  unit: "ms",
  needsServer: true,
  async open(serverUrl) {
    const scratch = await openScratch(serverUrl);
    await prepare(scratch);
    const tickers = await scratch.connect(2);
    return {
      close: scratch.close,
      contenders: [
        { name: "one ticker", measure: () => tickUntilDone(scratch, tickers.slice(0, 1)) },
        { name: "two tickers at once", measure: () => tickUntilDone(scratch, tickers) },
      ],
    };
  },
};
