import type { Session } from "./database.ts";

/** A row of supabase_migrations.schema_migrations. */
export interface AppliedMigration {
  version: string;
  statements: string[] | null;
  name: string | null;
}

// Word for word what `supabase db push` (CLI 3.1.0) leaves in a database, so that both can go on
// from where the other stopped.
const layHistory = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
  alter table supabase_migrations.schema_migrations add column if not exists statements text[];
  alter table supabase_migrations.schema_migrations add column if not exists name text;
  create table if not exists supabase_migrations.seed_files (
    path text not null primary key,
    hash text not null
  );
`;

/** Makes the CLI's tables of applied migrations and seeds, unless they are there. */
export async function ensureHistory(session: Session): Promise<void> {
  const [found] = await session.query<{ ready: boolean }>(
    "select to_regclass('supabase_migrations.seed_files') is not null as ready",
  );
  if (!found?.ready) await session.exec(layHistory);
}

/** What has been applied, oldest first. */
export function readHistory(session: Session): Promise<AppliedMigration[]> {
  return session.query<AppliedMigration>(
    "select version, statements, name from supabase_migrations.schema_migrations order by version",
  );
}
