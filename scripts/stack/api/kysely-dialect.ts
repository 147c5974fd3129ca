import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type { Database, HeldSession } from "../database/database.ts";

/** Lets Kysely, and so @supabase/lite, speak through our sessions. */
export function kyselyDialect(database: Database): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new SessionDriver(database),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class SessionConnection implements DatabaseConnection {
  constructor(readonly session: HeldSession) {}

  async executeQuery<Row>(query: CompiledQuery) {
    const { rows, affectedRows } = await this.session.run<Row>(query.sql, query.parameters);
    return { rows, numAffectedRows: BigInt(affectedRows) };
  }

  // biome-ignore lint/correctness/useYield: a stream of nothing, because lite never asks for one
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error("Cannot stream a query through a shared session");
  }
}

class SessionDriver implements Driver {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SessionConnection> {
    return new SessionConnection(await this.#database.acquire());
  }

  beginTransaction = (connection: DatabaseConnection) => sessionOf(connection).exec("begin");
  commitTransaction = (connection: DatabaseConnection) => sessionOf(connection).exec("commit");
  rollbackTransaction = (connection: DatabaseConnection) => sessionOf(connection).exec("rollback");

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    sessionOf(connection).release();
  }

  // The database outlives this driver: who opened it closes it.
  async destroy(): Promise<void> {}
}

function sessionOf(connection: DatabaseConnection): HeldSession {
  return (connection as SessionConnection).session;
}
