import type pg from "pg";
import type { Scratch } from "../scratch.ts";
import { jobs, rate } from "./shared.ts";

/**
 * The least a queue can be: a table, and a delete of its first row that nobody else holds. No lease,
 * no attempt, no order but that of arrival: a job whose worker dies is lost or rolled back with it.
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
  let done = 0;
  return rate(async () => {
    const work = async (client: pg.Client) => {
      for (;;) {
        const { rowCount } = await client.query({
          name: "bare",
          text: `delete from public.bare_jobs
            where id = (
              select id from public.bare_jobs order by id limit 1 for update skip locked
            )
            returning id, payload`,
        });
        if (!rowCount) {
          return;
        }
        done += 1;
      }
    };
    await Promise.all(clients.map(work));
    return done;
  });
}
