import pg from "pg";
import { type Database, inTransaction, type Session } from "./database.ts";
import { parseValue } from "./parsers.ts";
import { requireVaultKey, vaultKeySetting } from "./vault-key.ts";

/** What a connection to a server may be told. */
export interface ConnectOptions {
  /** Vault's key for every session; without it secrets cannot be made or read. */
  vaultKey?: string;
  /** How many sessions at most (default 10). */
  maxSessions?: number;
  connectTimeoutMs?: number;
}

/** Opens a pool of sessions on a Postgres server; a first session proves that it answers. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  const key = options.vaultKey && requireVaultKey(options.vaultKey);
  const pool = new pg.Pool({
    ...(key ? { options: `-c ${vaultKeySetting}=${key} -c TimeZone=UTC` } : {}),
    connectionString: url,
    max: options.maxSessions ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    types: { getTypeParser: (oid: number) => parseValue(oid) },
    allowExitOnIdle: true,
  });
  // A session that the server ends while idle leaves the pool; the next query opens another.
  pool.on("error", () => undefined);

  const database: Database = {
    kind: "server",
    query: async (sql, params) => (await pool.query(sql, params as unknown[])).rows,
    exec: async (sql) => void (await pool.query(sql)),
    async session(work) {
      const client = await pool.connect();
      let failed: unknown;
      try {
        return await work(sessionOf(client));
      } catch (error) {
        failed = error;
        throw error;
      } finally {
        // What the work left set in the session must not meet the next holder.
        if (!failed) await client.query("discard all").catch((error) => (failed = error));
        client.release(Boolean(failed));
      }
    },
    async transaction(work) {
      const client = await pool.connect();
      let broken = true;
      try {
        const session = sessionOf(client);
        const result = await inTransaction(session, () => work(session));
        broken = false;
        return result;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };

  await database.query("select 1").catch(async (error) => {
    await pool.end();
    throw error;
  });
  return database;
}

function sessionOf(client: pg.PoolClient): Session {
  return {
    query: async (sql, params) => (await client.query(sql, params as unknown[])).rows,
    exec: async (sql) => void (await client.query(sql)),
  };
}
