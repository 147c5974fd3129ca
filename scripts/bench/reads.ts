import type pg from "pg";
import type { Entry } from "./entry.ts";
import { openScratch, type Scratch } from "./scratch.ts";

const [rows, organizations, memberships, readers, sliceMs] = [100_000, 200, 5, 8, 2000];

/** A user of the bench, and one of the organizations they read in. */
export interface Reader {
  userId: string;
  organizationId: string;
}

const policies: Record<string, string | null> = {
  notes: "organization_id = any ((select private.organizations_with('agents.read'))::uuid[])",
  notes_open: null,
  notes_per_row: "private.may_read(organization_id)",
};

/**
 * Tables of equal rows: our kind of policy, none, a function called for every row, and what else is
 * asked for; with a user for each number of memberships, their personal organization among them.
 */
export async function prepare(
  { admin }: Scratch,
  memberships: number[],
  morePolicies: Record<string, string> = {},
): Promise<Reader[]> {
  await admin.query(
    `insert into public.organizations (name, slug)
    select 'Bench', 'bench-' || n from generate_series(1, $1::integer) as n`,
    [organizations],
  );
  const people: Reader[] = [];
  for (const count of memberships) {
    people.push(await join(admin, count));
  }
  await admin.query(
    `create function private.may_read(p_organization_id uuid) returns boolean
    language sql stable security definer set search_path = '' as $$
      select exists (
        select from public.organization_members
        where organization_id = p_organization_id and user_id = (select auth.uid())
          and status = 'active' and 'agents.read' = any (permissions)
      )
    $$;
    grant execute on function private.may_read(uuid) to authenticated`,
  );
  for (const [table, policy] of Object.entries({ ...policies, ...morePolicies })) {
    await admin.query(
      `create table public.${table} (
        id bigint primary key, organization_id uuid not null, title text not null,
        created_at timestamptz not null
      );
      insert into public.${table}
      select n, (array(select id from public.organizations order by id))[1 + n % ${organizations}],
        'Note ' || n, now() - n * interval '1 second'
      from generate_series(1, ${rows}) as n;
      create index on public.${table} (organization_id, created_at desc);
      grant select on public.${table} to authenticated;`,
    );
    if (policy) {
      await admin.query(
        `alter table public.${table} enable row level security;
        create policy select_member on public.${table} for select to authenticated using (${policy})`,
      );
    }
    await admin.query(`vacuum analyze public.${table}`);
  }
  return people;
}

async function join(admin: pg.Client, memberships: number): Promise<Reader> {
  const user = await admin.query<{ id: string }>(
    `insert into auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at)
    values (gen_random_uuid(), 'authenticated', 'authenticated', $1, '{}', now(), now())
    returning id`,
    [`bench-${memberships}@example.test`],
  );
  const userId = user.rows[0]?.id as string;
  const joined = await admin.query<{ organization_id: string }>(
    `insert into public.organization_members (organization_id, user_id, role_id)
    select organizations.id, $1, roles.id
    from public.organizations
    join public.roles on roles.organization_id is null and roles.name = 'member'
    where organizations.slug like 'bench-%'
    order by organizations.slug limit $2
    returning organization_id`,
    [userId, memberships - 1],
  );
  return { userId, organizationId: joined.rows[0]?.organization_id as string };
}

/** Transactions as PostgREST sends them (role, claims, query), for a while; per second. */
export async function transactions(
  clients: pg.Client[],
  userId: string,
  label: string,
  sql: string,
  values: () => unknown[],
  expected: number,
): Promise<number> {
  const claims = JSON.stringify({ sub: userId, role: "authenticated" });
  const end = Date.now() + sliceMs;
  let done = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (Date.now() < end) {
        await client.query("begin");
        await client.query({
          name: "claims",
          text: `select set_config('role', 'authenticated', true),
            set_config('request.jwt.claims', $1, true)`,
          values: [claims],
        });
        const { rowCount } = await client.query({ name: label, text: sql, values: values() });
        await client.query("commit");
        if (rowCount !== expected) {
          throw new Error(`${rowCount} rows instead of ${expected}: ${sql}`);
        }
        done += 1;
      }
    }),
  );
  return (done * 1000) / sliceMs;
}

function readEntry(
  name: string,
  title: string,
  expected: number,
  query: (table: string) => string,
  pick: (organizationId: string, ids: number[]) => unknown[],
): Entry {
  return {
    name,
    title: `${title} of ${rows.toLocaleString("en-US")} rows, ${memberships} of ${organizations} organizations the caller's`,
    unit: "transactions/s",
    needsServer: true,
    goals: { "no RLS": 0.85 },
    async open(serverUrl) {
      const scratch = await openScratch(serverUrl);
      const [reader] = await prepare(scratch, [memberships]);
      const { userId, organizationId } = reader as Reader;
      const { rows: own } = await scratch.admin.query<{ id: number }>(
        "select id from public.notes where organization_id = $1",
        [organizationId],
      );
      const ids = own.map(({ id }) => id);
      const clients = await scratch.connect(readers);
      const measure = (table: string) => () =>
        transactions(
          clients,
          userId,
          table,
          query(table),
          () => pick(organizationId, ids),
          expected,
        );
      return {
        close: scratch.close,
        contenders: [
          { name: "our policy", measure: measure("notes") },
          { name: "no RLS", measure: measure("notes_open") },
          { name: "function per row", measure: measure("notes_per_row") },
        ],
      };
    },
  };
}

/** Reads under row-level security. */
export const reads: Entry[] = [
  readEntry(
    "rls-page",
    "A page of 20",
    20,
    (table) =>
      `select id, title, created_at from public.${table}
      where organization_id = $1 order by created_at desc limit 20`,
    (organizationId) => [organizationId],
  ),
  readEntry(
    "rls-key",
    "One row by its key",
    1,
    (table) => `select id, title, created_at from public.${table} where id = $1`,
    (_, ids) => [ids[Math.floor(Math.random() * ids.length)]],
  ),
];
