import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { asPostgres } from "./as-postgres.ts";
import { type Database, inTransaction } from "./database.ts";
import { ensureHistory } from "./history.ts";
import { locateFailure } from "./migration-error.ts";
import { splitStatements } from "./split-statements.ts";

/** Runs the seed once per database and records it under the path by which the CLI knows it. */
export async function seed(database: Database, path: string): Promise<boolean> {
  const sql = await readFile(path, "utf8").catch(() => undefined);
  if (sql === undefined) return false;
  const hash = createHash("sha256").update(sql).digest("hex");

  return database.session((session) =>
    asPostgres(session, async () => {
      await ensureHistory(session);
      const [known] = await session.query(
        "select 1 from supabase_migrations.seed_files where path = $1",
        ["supabase/seed.sql"],
      );
      if (known) return false;
      await inTransaction(session, async () => {
        for (const statement of splitStatements(sql)) {
          await session.exec(statement.text).catch((error) => {
            throw locateFailure(path, sql, statement, error);
          });
        }
        await session.query(
          "insert into supabase_migrations.seed_files (path, hash) values ($1, $2)",
          ["supabase/seed.sql", hash],
        );
      });
      return true;
    }),
  );
}
