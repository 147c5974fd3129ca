/** Rows and statements, in one session of a database. */
export interface Session {
  /** Runs one statement with parameters and answers its rows. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs any number of statements without parameters. */
  exec(sql: string): Promise<void>;
}

/**
 * A Postgres, in this process or somewhere else, behind one interface.
 *
 * Statements sent to the database itself may meet any session; whoever needs a role, a setting or
 * a transaction to last takes a session or a transaction.
 */
export interface Database extends Session {
  readonly kind: "embedded" | "server";
  /** Gives one session to the work alone; nothing else speaks in it until the work is done. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The same inside begin and commit; a thrown error rolls back and is thrown on. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
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
