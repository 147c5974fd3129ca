import type pg from "pg";
import { createSupaAudit, enableSupaAudit } from "./audit-supa.ts";
import type { Contender, Entry } from "./entry.ts";
import { openScratch, type Scratch } from "./scratch.ts";

const [writers, sliceMs, bulk, kept] = [8, 1500, 10_000, 1000];

const contenders = {
  ours: "notes_ours",
  "supa_audit's way": "notes_supa",
  unaudited: "notes_bare",
};
type Table = (typeof contenders)[keyof typeof contenders];

/** Who writes, and what PostgREST would set before each statement. */
interface Writer {
  organizationId: string;
  claims: string;
  headers: string;
}

/**
 * Three equal tables: the one of supa_audit's own benchmark, with an organization. They have
 * neither policies nor foreign keys, whose cost would be the same in all three and hide the
 * auditing.
 */
async function prepare(scratch: Scratch): Promise<Writer> {
  const { admin } = scratch;
  await createSupaAudit(scratch);
  const { rows } = await admin.query<{ id: string; user_id: string }>(
    `insert into public.organizations (name, slug) values ('Bench', 'bench')
    returning id, gen_random_uuid() as user_id`,
  );
  const { id: organizationId, user_id } = rows[0] as { id: string; user_id: string };
  for (const table of Object.values(contenders)) {
    await admin.query(`
      create table public.${table} (
        id uuid primary key default gen_random_uuid(),
        organization_id uuid not null,
        body text,
        description text default 'Some weight, for realism',
        created_at timestamptz default now(),
        updated_at timestamptz default now()
      );
      grant select, insert, update, delete on public.${table} to authenticated;
    `);
  }
  await admin.query("select private.enable_audit('public.notes_ours')");
  await enableSupaAudit(scratch, "public.notes_supa");
  return {
    organizationId,
    claims: JSON.stringify({
      iss: "http://localhost:54321/auth/v1",
      sub: user_id,
      aud: "authenticated",
      email: "bench@example.test",
      role: "authenticated",
      aal: "aal1",
      session_id: user_id,
      is_anonymous: false,
    }),
    headers: JSON.stringify({
      host: "localhost:54321",
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
      "x-client-info": "supabase-js-web/2.45.0",
      "x-forwarded-for": "203.0.113.7",
      "x-correlation-id": "5f0c8a52-6b8e-4b3f-9a44-2a7a9e0e8f51",
    }),
  };
}

/** Empties the tables, so that every round begins with the same. */
async function clear({ admin }: Scratch, { organizationId }: Writer, rows: number): Promise<void> {
  await admin.query(`
    begin;
    set local session_replication_role = replica;
    truncate public.audit_logs, private.audit_unsealed, supa.record_version;
    truncate ${Object.values(contenders)
      .map((table) => `public.${table}`)
      .join(", ")};
    commit;
  `);
  for (const table of Object.values(contenders)) {
    await admin.query(
      `insert into public.${table} (organization_id, body)
      select $1, 'Note ' || n from generate_series(1, $2::integer) as n`,
      [organizationId, rows],
    );
  }
  await admin.query("vacuum analyze");
}

/**
 * Sets what the API sets for a request, for all that follows: the claims, the headers, the role.
 * Commits do not wait for the disk, which takes as long in all three and would hide the auditing.
 */
async function actAs(client: pg.Client, { claims, headers }: Writer): Promise<void> {
  await client.query(
    `select set_config('request.jwt.claims', $1, false), set_config('request.headers', $2, false),
      set_config('role', 'authenticated', false), set_config('synchronous_commit', 'off', false)`,
    [claims, headers],
  );
}

function auditEntry(
  entry: Pick<Entry, "name" | "title" | "unit" | "goals">,
  rows: number,
  measure: (
    scratch: Scratch,
    clients: pg.Client[],
    writer: Writer,
    table: Table,
  ) => Promise<number>,
): Entry {
  return {
    ...entry,
    needsServer: true,
    async open(serverUrl) {
      const scratch = await openScratch(serverUrl);
      const writer = await prepare(scratch);
      const clients = await scratch.connect(writers);
      await Promise.all(clients.map((client) => actAs(client, writer)));
      return {
        close: scratch.close,
        contenders: Object.entries(contenders).map(
          ([name, table]): Contender => ({
            name,
            async measure() {
              await clear(scratch, writer, rows);
              return measure(scratch, clients, writer, table);
            },
          }),
        ),
      };
    },
  };
}

/** A transaction as PostgREST sends it: the request is described anew, in four round trips. */
async function request(client: pg.Client, writer: Writer, query: pg.QueryConfig) {
  await client.query("begin");
  await client.query({
    name: "request",
    text: `select set_config('role', 'authenticated', true),
      set_config('request.jwt.claims', $1, true),
      set_config('request.headers', $2, true)`,
    values: [writer.claims, writer.headers],
  });
  const result = await client.query(query);
  await client.query("commit");
  return result;
}

/**
 * Statements of one row, each a transaction, for a while; per second. On their own they show what
 * auditing costs beside supa_audit; as requests of the API, what of it a client notices.
 */
function singly(
  name: string,
  title: string,
  asRequests: boolean,
  query: (table: Table, writer: Writer, ids: string[]) => pg.QueryConfig,
): Entry {
  return auditEntry(
    {
      name,
      title,
      unit: "transactions/s",
      goals: asRequests ? { unaudited: 0.75 } : { "supa_audit's way": 2.5 },
    },
    kept,
    async ({ admin }, clients, writer, table) => {
      const found = await admin.query<{ id: string }>(`select id from public.${table}`);
      const ids = found.rows.map(({ id }) => id);
      const write = (client: pg.Client) => {
        const one = query(table, writer, ids);
        return asRequests ? request(client, writer, one) : client.query(one);
      };
      // A pooled connection has written before: its plans are made.
      for (let time = 0; time < 10; time++) {
        await Promise.all(clients.map(write));
      }
      const end = Date.now() + sliceMs;
      let done = 0;
      await Promise.all(
        clients.map(async (client) => {
          while (Date.now() < end) {
            const { rowCount } = await write(client);
            done += rowCount ?? 0;
          }
        }),
      );
      return (done * 1000) / sliceMs;
    },
  );
}

/** One statement over many rows; rows per second. */
function inBulk(name: string, title: string, rows: number, statement: (table: Table) => string) {
  return auditEntry(
    { name, title, unit: "rows/s", goals: { "supa_audit's way": 5 } },
    rows,
    async (_, [client], writer, table) => {
      const values = rows === 0 ? [writer.organizationId] : [];
      const start = process.hrtime.bigint();
      const result = await client?.query(statement(table), values);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (result?.rowCount !== bulk) {
        throw new Error(`${result?.rowCount} rows were written instead of ${bulk}`);
      }
      return bulk / seconds;
    },
  );
}

const insertOne = (table: Table, { organizationId }: Writer): pg.QueryConfig => ({
  name: `insert_${table}`,
  text: `insert into public.${table} (organization_id, body) values ($1, $2)`,
  values: [organizationId, "A note that somebody took."],
});

const updateOne = (table: Table, _: Writer, ids: string[]): pg.QueryConfig => ({
  name: `update_${table}`,
  text: `update public.${table} set body = $2, updated_at = now() where id = $1`,
  values: [ids[Math.floor(Math.random() * ids.length)], `Now ${Math.random()}`],
});

/** What it costs that changes are written down. */
export const audit: Entry[] = [
  singly("audit-insert", "Audited inserts of one row", false, insertOne),
  singly("audit-update", "Audited updates of one row", false, updateOne),
  singly("audit-insert-request", "Audited inserts of one row, as the API does", true, insertOne),
  singly("audit-update-request", "Audited updates of one row, as the API does", true, updateOne),
  inBulk(
    "audit-bulk-insert",
    `An audited insert of ${bulk.toLocaleString("en-US")} rows`,
    0,
    (table) => `insert into public.${table} (organization_id, body)
      select $1, 'Note ' || n from generate_series(1, ${bulk}) as n`,
  ),
  inBulk(
    "audit-bulk-update",
    `An audited update of ${bulk.toLocaleString("en-US")} rows`,
    bulk,
    (table) => `update public.${table} set body = body || '!', updated_at = now()`,
  ),
];
