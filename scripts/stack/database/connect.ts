import pg from "pg";
import { type Database, type HeldSession, transactionOn } from "./database.ts";
import { arrayTypes, parserOf } from "./parsers.ts";
import { startupSettings } from "./startup-settings.ts";

/** What a connection to a server may be told. */
export interface ConnectOptions {
  /** Vault's key for every session; without it secrets cannot be made or read. */
  vaultKey?: string;
  /** How many sessions at most (default 10). */
  maxSessions?: number;
  connectTimeoutMs?: number;
}

interface ArrayType {
  array: number;
  element: number;
}

/** Opens a pool of sessions on a Postgres server; a first session proves that it answers. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  const elements = new Map<number, number>();
  const pool = new pg.Pool({
    options: startupSettings(options.vaultKey)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
    connectionString: url,
    max: options.maxSessions ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    types: { getTypeParser: (oid: number) => parserOf(oid, elements) },
    allowExitOnIdle: true,
  });
  // A session that the server ends while idle leaves the pool; the next query opens another.
  pool.on("error", () => undefined);

  const run: Database["run"] = async (sql, params) =>
    answerOf(await pool.query(sql, [...(params ?? [])]));
  const database: Database = {
    kind: "server",
    run,
    query: async (sql, params) => (await run<never>(sql, params)).rows,
    exec: async (sql) => void (await pool.query(sql)),
    acquire: async () => heldSession(await pool.connect()),
    async session(work) {
      const session = await database.acquire();
      let broken = true;
      try {
        const result = await work(session);
        await session.exec("discard all");
        broken = false;
        return result;
      } finally {
        session.release(broken);
      }
    },
    transaction: (work) => transactionOn(database, work),
    async refreshTypes() {
      for (const { array, element } of await database.query<ArrayType>(arrayTypes)) {
        elements.set(array, element);
      }
    },
    close: () => pool.end(),
  };

  await database.refreshTypes().catch(async (error) => {
    await pool.end();
    throw error;
  });
  return database;
}

function heldSession(client: pg.PoolClient): HeldSession {
  const run: HeldSession["run"] = async (sql, params) =>
    answerOf(await client.query(sql, [...(params ?? [])]));
  return {
    run,
    query: async (sql, params) => (await run<never>(sql, params)).rows,
    exec: async (sql) => void (await client.query(sql)),
    release: (broken) => client.release(broken),
  };
}

function answerOf<Row>(result: pg.QueryResult): { rows: Row[]; affectedRows: number } {
  return { rows: result.rows as Row[], affectedRows: result.rowCount ?? 0 };
}
