import { asPostgres } from "./as-postgres.ts";
import { type Database, inTransaction, type Session } from "./database.ts";
import { type AppliedMigration, ensureHistory, readHistory } from "./history.ts";
import { locateFailure, MigrationError } from "./migration-error.ts";
import { type MigrationFile, readMigrationFiles } from "./migration-files.ts";
import { splitStatements } from "./split-statements.ts";

/** Where migrations lie, and who wants to hear of each one. */
export interface MigrateOptions {
  directory: string;
  onApplied?: (file: MigrationFile) => void;
}

/**
 * Applies what is not applied yet, oldest first, each in a transaction of its own and recorded as
 * the CLI records it. Answers what it applied.
 *
 * @throws MigrationError with file and line, when a statement fails, when an applied migration
 *   was edited since, or when one that was applied is no longer in the folder
 */
export async function migrate(
  database: Database,
  options: MigrateOptions,
): Promise<MigrationFile[]> {
  const files = await readMigrationFiles(options.directory);
  return database.session((session) =>
    asPostgres(session, async () => {
      await ensureHistory(session);
      const applied = await readHistory(session);
      refuseMissing(options.directory, files, applied);

      const pending: MigrationFile[] = [];
      for (const file of files) {
        const known = applied.find(({ version }) => version === file.version);
        if (known) refuseEdited(file, known);
        else pending.push(file);
      }
      for (const file of pending) {
        await inTransaction(session, () => apply(session, file));
        options.onApplied?.(file);
      }
      return pending;
    }),
  );
}

async function apply(session: Session, file: MigrationFile): Promise<void> {
  const statements = splitStatements(file.sql);
  for (const statement of statements) {
    await session.exec(statement.text).catch((error) => {
      throw locateFailure(file.path, file.sql, statement, error);
    });
  }
  await session.query(
    `insert into supabase_migrations.schema_migrations (version, statements, name)
     values ($1, $2, $3)`,
    [file.version, statements.map(({ text }) => text), file.name],
  );
}

function refuseEdited(file: MigrationFile, known: AppliedMigration): void {
  // `supabase migration repair` may record a version without its statements.
  if (!known.statements) return;
  const now = splitStatements(file.sql);
  const at = now.findIndex(({ text }, index) => text !== known.statements?.[index]);
  if (at < 0 && now.length === known.statements.length) return;
  const offset = now[at]?.offset ?? file.sql.length;
  throw new MigrationError(
    file.path,
    file.sql.slice(0, offset).split("\n").length,
    "this migration was edited after it had been applied: restore it and write a new one",
  );
}

function refuseMissing(
  directory: string,
  files: MigrationFile[],
  applied: AppliedMigration[],
): void {
  const lost = applied.find(({ version }) => !files.some((file) => file.version === version));
  if (!lost) return;
  throw new MigrationError(
    `${directory}/${lost.version}_${lost.name ?? "unknown"}.sql`,
    1,
    "this migration is applied in the database, but its file is missing",
  );
}
