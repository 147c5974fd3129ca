import type { Session } from "../database/database.ts";

// As PostgREST reads it: from the role it logs in with, the settings of this database first.
const setting = `
  select split_part(setting, '=', 2) as name
  from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
  where setrole = to_regrole('authenticator')
    and setdatabase in (
      0, (select oid from pg_catalog.pg_database where datname = current_database())
    )
    and starts_with(setting, 'pgrst.db_pre_request=')
  order by setdatabase desc
  limit 1`;

/** The function that runs before each request (`pgrst.db_pre_request`), ready to be called. */
export async function readPreRequest(database: Session): Promise<string | undefined> {
  const [row] = await database.query<{ name: string }>(setting);
  if (!row?.name) return undefined;
  return row.name
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

// PostgREST looks for functions of the exposed schemas; names stand for all their overloads.
const readingFunctions = `
  select '/rpc/' || proname as path
  from pg_catalog.pg_proc
  where pronamespace in (to_regnamespace('public'), to_regnamespace('agent_data'))
  group by proname
  having bool_and(provolatile <> 'v')`;

/** The paths of the functions that PostgREST calls in a read-only transaction. */
export async function readReadingFunctions(database: Session): Promise<Set<string>> {
  const rows = await database.query<{ path: string }>(readingFunctions);
  return new Set(rows.map(({ path }) => path));
}
