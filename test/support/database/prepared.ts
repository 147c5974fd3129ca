import { inject } from "vitest";
import { asPostgres } from "../../../scripts/stack/database/as-postgres.ts";
import type { Database, Session } from "../../../scripts/stack/database/index.ts";
import { copyTemplate, openCopy } from "./prepare.ts";

// One copy per worker: suites that roll back can share it, and survive vitest's module resets.
const shared = globalThis as { ensembleDatabase?: Promise<Database> };

/**
 * Opens a prepared database of the caller's own: platform, migrations, pgTAP and the schema `tests`.
 * It is the in-process Postgres, or a scratch database of the server named by `npm test -- --db-url`.
 * `database.kind` tells which: only a server can hold several sessions at once.
 * Close it when the suite ends; copies are removed after the run.
 *
 * ```ts
 * const database = await openPrepared("queue");
 * afterAll(() => database.close());
 * ```
 */
export async function openPrepared(label: string): Promise<Database> {
  const template = inject("template");
  const copy = await copyTemplate(template, `${label}_${process.pid}_${Date.now() % 1e6}`);
  return openCopy(copy, template.vaultKey);
}

/**
 * Gives the work one session, as the role `postgres`, inside a transaction that is rolled back at
 * its end. All callers in a worker share one database, so preparing it costs once.
 */
export async function inRolledBackSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  shared.ensembleDatabase ??= openPrepared("worker");
  const database = await shared.ensembleDatabase;
  return database.session((session) =>
    asPostgres(session, async () => {
      try {
        await session.exec("begin");
        return await work(session);
      } finally {
        await session.exec("rollback");
        await session.exec("reset role");
      }
    }),
  );
}
