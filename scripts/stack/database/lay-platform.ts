import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Database, Session } from "./database.ts";
import { locateFailure } from "./migration-error.ts";
import { splitStatements } from "./split-statements.ts";

const directory = fileURLToPath(new URL("../platform/", import.meta.url));

/** Another database of the same cluster wrote the same role at the same moment. */
const raceMessages = /tuple concurrently (updated|deleted)|duplicate key value|already exists/;

/**
 * Lays what Supabase's Postgres image brings before the first migration. Safe to repeat.
 *
 * @throws Error when the database's user is no superuser
 */
export async function layPlatform(database: Database): Promise<void> {
  const files = await readPlatform();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction((session) => lay(session, files));
    } catch (error) {
      if (attempt === 5 || !raceMessages.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * 100 * Math.random()));
    }
  }
}

async function lay(session: Session, files: PlatformFile[]): Promise<void> {
  await requireSuperuser(session);
  await session.exec("set local client_min_messages = error");
  for (const { path, sql } of files) {
    for (const statement of splitStatements(sql)) {
      await session.exec(statement.text).catch((error) => {
        throw locateFailure(path, sql, statement, error);
      });
    }
  }
}

interface PlatformFile {
  path: string;
  sql: string;
}

/** The files in order; `-- include <name>` stands for what @supabase/lite generates. */
async function readPlatform(): Promise<PlatformFile[]> {
  const { getAuthSchemaSql, getStorageSchemaSql } = await import("@supabase/lite");
  const generated: Record<string, () => string> = {
    "auth.tables": getAuthSchemaSql,
    "storage.tables": getStorageSchemaSql,
  };
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const sql = await readFile(path, "utf8");
      return {
        path,
        sql: sql.replace(/^-- include (\S+)$/gm, (_, part: string) => generated[part]?.() ?? ""),
      };
    }),
  );
}

async function requireSuperuser(session: Session): Promise<void> {
  const [me] = await session.query<{ name: string; super: boolean }>(
    "select rolname::text as name, rolsuper as super from pg_roles where rolname = current_user",
  );
  if (!me?.super) {
    throw new Error(`Cannot lay the platform as ${me?.name}: the database URL needs a superuser`);
  }
}
