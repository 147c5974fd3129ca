import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { vector } from "@electric-sql/pglite/vector";
import { type Database, inTransaction, type Session } from "./database.ts";
import { Lock } from "./lock.ts";
import { parsers } from "./parsers.ts";
import { requireVaultKey, vaultKeySetting } from "./vault-key.ts";

/** The in-process Postgres and the lock that everybody who speaks to it must hold. */
export interface EmbeddedDatabase extends Database {
  readonly pglite: PGlite;
  /** PGlite has one session for all: a unit of work holds this from its first statement to its last. */
  readonly lock: Lock;
}

/** Where an in-process Postgres keeps its data, and Vault's key for its session. */
export interface OpenOptions {
  /** A folder; without one nothing is kept. */
  directory?: string;
  vaultKey?: string;
}

/** Opens the in-process Postgres, creating it when the folder is empty. */
export async function openEmbedded(options: OpenOptions = {}): Promise<EmbeddedDatabase> {
  const settings = ["-c", "TimeZone=UTC"];
  if (options.vaultKey)
    settings.push("-c", `${vaultKeySetting}=${requireVaultKey(options.vaultKey)}`);

  const pglite = await PGlite.create({
    dataDir: options.directory,
    extensions: { pg_trgm, pgcrypto, pgtap, uuid_ossp, vector },
    parsers,
    startParams: [...PGlite.defaultStartParams, ...settings],
  });
  const lock = new Lock();
  const session: Session = {
    query: async <Row>(sql: string, params?: readonly unknown[]) =>
      (await pglite.query<Row>(sql, params as unknown[])).rows as Row[],
    exec: async (sql) => void (await pglite.exec(sql)),
  };

  return {
    kind: "embedded",
    pglite,
    lock,
    query: (sql, params) => lock.hold(() => session.query(sql, params)),
    exec: (sql) => lock.hold(() => session.exec(sql)),
    session: (work) => lock.hold(() => work(session)),
    transaction: (work) => lock.hold(() => inTransaction(session, () => work(session))),
    close: () => lock.hold(() => pglite.close()),
  };
}
