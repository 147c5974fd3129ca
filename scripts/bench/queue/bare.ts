import type pg from "pg";
import type { Scratch } from "../scratch.ts";
import { fill } from "./ours.ts";
import { jobs, rate } from "./shared.ts";

/**
 * The least a queue can be: a table, and a delete of its first row that nobody else holds. No lease,
 * no attempt, no order but that of arrival; a job whose worker dies with it is gone.
 */
export async function bareLoop({ admin }: Scratch, clients: pg.Client[]): Promise<number> {
  await admin.query(
    `create table if not exists public.bare_jobs (
      id bigint generated always as identity primary key,
      payload jsonb not null
    )`,
  );
  await admin.query("truncate public.bare_jobs");
  await admin.query(
    `insert into public.bare_jobs (payload)
    select jsonb_build_object('n', n) from generate_series(1, $1::integer) as n`,
    [jobs],
  );
  await admin.query("vacuum analyze public.bare_jobs");
  return deleteLoop(
    clients,
    "bare",
    `delete from public.bare_jobs
    where id = (select id from public.bare_jobs order by id limit 1 for update skip locked)
    returning id, payload`,
  );
}

/** The same on our own table, with queues, priorities and due times, but still without leases. */
export async function bareLoopOnOurTable(scratch: Scratch, clients: pg.Client[]): Promise<number> {
  await fill(scratch, false);
  return deleteLoop(
    clients,
    "bare_on_ours",
    `delete from private.jobs
    where id = (
      select id from private.jobs
      where queue = 'bench' and leased_until is null and run_at <= now()
      order by priority desc, run_at, id limit 1 for update skip locked
    )
    returning id, payload`,
  );
}

async function deleteLoop(clients: pg.Client[], name: string, text: string): Promise<number> {
  let done = 0;
  return rate(async () => {
    const work = async (client: pg.Client) => {
      while ((await client.query({ name, text })).rowCount) {
        done += 1;
      }
    };
    await Promise.all(clients.map(work));
    return done;
  });
}
