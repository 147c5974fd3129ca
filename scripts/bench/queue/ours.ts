import type pg from "pg";
import type { Scratch } from "../scratch.ts";
import { batch, jobs, rate } from "./shared.ts";

interface Lease {
  id: number;
  lease_token: number;
}

const claim = "select id, kind, payload, lease_token from public.claim_jobs($1, $2)";

/** Fills the queue anew; with organizations, the jobs belong to twenty of them in turn. */
export async function fill({ admin }: Scratch, withOrganizations: boolean): Promise<void> {
  await admin.query("truncate private.jobs");
  await admin.query(
    `insert into public.organizations (name, slug)
    select 'Bench', 'bench-' || n from generate_series(1, 20) as n on conflict do nothing`,
  );
  await admin.query(
    `select private.enqueue_jobs('bench', 'job',
      array(select jsonb_build_object('n', n) from generate_series(1, $1::integer) as n),
      case when $2::boolean then array(
        select organizations.id from generate_series(1, $1::integer) as n
        join public.organizations on organizations.slug = 'bench-' || n % 20 + 1
      ) end)`,
    [jobs, withOrganizations],
  );
  await admin.query("vacuum analyze private.jobs");
}

async function claimOne(client: pg.Client): Promise<Lease | undefined> {
  const { rows } = await client.query<Lease>({ name: "claim", text: claim, values: ["bench", 1] });
  return rows[0];
}

/** One claim and one completion for each job, in a call each. */
export async function oneByOne(
  scratch: Scratch,
  clients: pg.Client[],
  withOrganizations = false,
): Promise<number> {
  await fill(scratch, withOrganizations);
  let done = 0;
  return rate(async () => {
    const work = async (client: pg.Client) => {
      for (let job = await claimOne(client); job; job = await claimOne(client)) {
        await client.query({
          name: "complete",
          text: "select public.complete_job($1, $2)",
          values: [job.id, job.lease_token],
        });
        done += 1;
      }
    };
    await Promise.all(clients.map(work));
    return done;
  });
}

/** One claim and one completion for each job; a completion and the next claim share a call. */
export async function fromJobToJob(
  scratch: Scratch,
  clients: pg.Client[],
  withOrganizations = false,
): Promise<number> {
  await fill(scratch, withOrganizations);
  let done = 0;
  return rate(async () => {
    const work = async (client: pg.Client) => {
      for (let job = await claimOne(client); job; done += 1) {
        const { rows }: { rows: Lease[] } = await client.query<Lease>({
          name: "next",
          text: `select id, kind, payload, lease_token
            from public.complete_and_claim_job($1, $2, $3)`,
          values: [job.id, job.lease_token, "bench"],
        });
        job = rows[0];
      }
    };
    await Promise.all(clients.map(work));
    return done;
  });
}

/** Claims and completes in batches. */
export async function inBatches(scratch: Scratch, clients: pg.Client[]): Promise<number> {
  await fill(scratch, false);
  let done = 0;
  return rate(async () => {
    const work = async (client: pg.Client) => {
      for (;;) {
        const { rows } = await client.query<Lease>({
          name: "claim",
          text: claim,
          values: ["bench", batch],
        });
        if (rows.length === 0) {
          return;
        }
        const completed = await client.query<{ ids: number[] }>({
          name: "complete_jobs",
          text: "select public.complete_jobs($1, $2) as ids",
          values: [rows.map(({ id }) => id), rows.map(({ lease_token }) => lease_token)],
        });
        done += completed.rows[0]?.ids.length ?? 0;
      }
    };
    await Promise.all(clients.map(work));
    return done;
  });
}
