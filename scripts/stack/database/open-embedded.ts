import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { vector } from "@electric-sql/pglite/vector";
import { type Database, type Session, transactionOn } from "./database.ts";
import { parsers } from "./parsers.ts";
import { SharedSession } from "./shared-session.ts";
import { startupSettings } from "./startup-settings.ts";

/** The in-process Postgres. */
export interface EmbeddedDatabase extends Database {
  readonly kind: "embedded";
  readonly pglite: PGlite;
  /** PGlite has one session for everybody; this hands it round. */
  readonly shared: SharedSession;
}

/** Where an in-process Postgres keeps its data, and Vault's key for its session. */
export interface OpenOptions {
  /** A folder; without one nothing is kept. */
  directory?: string;
  vaultKey?: string;
}

/** The default, 128 MB, is kept in this very process: an eighth of it serves a development database. */
const memorySettings = ["-c", "shared_buffers=16MB"];

/** Opens the in-process Postgres, creating it when the folder is empty. */
export async function openEmbedded(options: OpenOptions = {}): Promise<EmbeddedDatabase> {
  const settings = startupSettings(options.vaultKey).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const pglite = await PGlite.create({
    dataDir: options.directory,
    extensions: { pg_trgm, pgcrypto, pgtap, uuid_ossp, vector },
    parsers,
    startParams: [...PGlite.defaultStartParams, ...memorySettings, ...settings],
  });
  const session = sessionOf(pglite);
  const shared = new SharedSession(session);
  const hold = <T>(work: () => Promise<T>) => shared.hold(undefined, work);

  const database: EmbeddedDatabase = {
    kind: "embedded",
    pglite,
    shared,
    run: (sql, params) => hold(() => session.run(sql, params)),
    query: (sql, params) => hold(() => session.query(sql, params)),
    exec: (sql) => hold(() => session.exec(sql)),
    async acquire() {
      const release = await shared.take();
      return { ...session, release };
    },
    session: (work) => hold(() => work(session)),
    transaction: (work) => transactionOn(database, work),
    refreshTypes: () => hold(() => pglite.refreshArrayTypes()),
    close: () => hold(() => pglite.close()),
  };
  return database;
}

function sessionOf(pglite: PGlite): Session {
  const run: Session["run"] = async <Row>(sql: string, params?: readonly unknown[]) => {
    const { rows, affectedRows } = await pglite.query<Row>(sql, [...(params ?? [])]);
    return { rows: rows as Row[], affectedRows: affectedRows ?? 0 };
  };
  return {
    run,
    query: async (sql, params) => (await run<never>(sql, params)).rows,
    exec: async (sql) => void (await pglite.exec(sql)),
  };
}
