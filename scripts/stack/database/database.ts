/** What a statement answered. */
export interface Answer<Row> {
  rows: Row[];
  affectedRows: number;
}

/** Rows and statements, in one session of a database. */
export interface Session {
  /** Runs one statement with parameters. */
  run<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<Answer<Row>>;
  /** The same, when only the rows matter. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs any number of statements without parameters. */
  exec(sql: string): Promise<void>;
}

/** A session that nobody else speaks in until it is given back. */
export interface HeldSession extends Session {
  /** Gives it back; `broken` says that it must not be used again as it is. */
  release(broken?: boolean): void;
}

/**
 * A Postgres, in this process or somewhere else, behind one interface.
 *
 * Statements sent to the database itself may meet any session; whoever needs a role, a setting or
 * a transaction to last takes a session or a transaction.
 */
export interface Database extends Session {
  readonly kind: "embedded" | "server";
  /** Takes one session for the caller alone. */
  acquire(): Promise<HeldSession>;
  /** Gives one session to the work alone, and leaves no setting behind in it. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Gives one session to the work between begin and commit; an error rolls back. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Learns the types that were made since it was opened, so that their arrays arrive as arrays. */
  refreshTypes(): Promise<void>;
  close(): Promise<void>;
}

/** Runs the work between begin and commit of the given session. */
export async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.exec("begin");
  try {
    const result = await work();
    await session.exec("commit");
    return result;
  } catch (error) {
    await session.exec("rollback").catch(() => undefined);
    throw error;
  }
}

/** Takes a session, runs the work in a transaction and gives the session back. */
export async function transactionOn<T>(
  database: Pick<Database, "acquire">,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await database.acquire();
  let broken = true;
  try {
    const result = await inTransaction(session, () => work(session));
    broken = false;
    return result;
  } finally {
    session.release(broken);
  }
}
