import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Database, Session } from "./database.ts";
import { locateFailure } from "./migration-error.ts";
import { splitStatements } from "./split-statements.ts";

const platformDirectory = fileURLToPath(new URL("../platform/", import.meta.url));

/**
 * Lays what Supabase's Postgres image brings before the first migration. Safe to repeat.
 * Needs a superuser, except where the platform is there already.
 */
export async function layPlatform(database: Database): Promise<void> {
  const { getAuthSchemaSql, getStorageSchemaSql } = await import("@supabase/lite");
  const generated: Record<string, () => string> = {
    "auth.tables": getAuthSchemaSql,
    "storage.tables": getStorageSchemaSql,
  };

  const files = (await readdir(platformDirectory)).filter((file) => file.endsWith(".sql")).sort();
  await database.transaction(async (session) => {
    // Roles belong to the whole cluster: two databases being laid at once must not race for them.
    await session.exec("set local client_min_messages = error");
    await session.exec("select pg_advisory_xact_lock(20260101)");
    await requireSuperuser(session);
    for (const file of files) {
      const path = join(platformDirectory, file);
      const sql = (await readFile(path, "utf8")).replace(
        /^-- include (\S+)$/gm,
        (_, name: string) => generated[name]?.() ?? "",
      );
      for (const statement of splitStatements(sql)) {
        await session.exec(statement.text).catch((error) => {
          throw locateFailure(path, sql, statement, error);
        });
      }
    }
  });
}

async function requireSuperuser(session: Session): Promise<void> {
  const [me] = await session.query<{ name: string; super: boolean }>(
    "select rolname::text as name, rolsuper as super from pg_roles where rolname = current_user",
  );
  if (!me?.super) {
    throw new Error(`Cannot lay the platform as ${me?.name}: the database URL needs a superuser`);
  }
}
