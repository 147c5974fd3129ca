import { join } from "node:path";
import { asPostgres } from "./as-postgres.ts";
import { type Database, inTransaction } from "./database.ts";
import { locateFailure } from "./migration-error.ts";
import { type MigrationFile, readMigrationFiles } from "./migration-files.ts";
import { splitStatements } from "./split-statements.ts";

/**
 * Undoes one applied migration with the rollback of the same name, in one transaction.
 *
 * @throws MigrationError when a statement fails, Error when there is no rollback of that version
 */
export async function rollback(
  database: Database,
  version: string,
  directory = join("supabase", "rollbacks"),
): Promise<MigrationFile> {
  const file = (await readMigrationFiles(directory)).find((each) => each.version === version);
  if (!file) throw new Error(`Cannot roll back ${version}: ${directory} has no such file`);

  await database.session((session) =>
    asPostgres(session, () =>
      inTransaction(session, async () => {
        for (const statement of splitStatements(file.sql)) {
          await session.exec(statement.text).catch((error) => {
            throw locateFailure(file.path, file.sql, statement, error);
          });
        }
        await session.query(
          "delete from supabase_migrations.schema_migrations where version = $1",
          [version],
        );
      }),
    ),
  );
  return file;
}
