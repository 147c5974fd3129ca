import { PgliteConnection } from "@supabase/lite/pglite";
import { Kysely, sql } from "kysely";
import type { Database } from "../database/database.ts";
import { DatabaseFailure } from "./database-failure.ts";
import { kyselyDialect } from "./kysely-dialect.ts";
import { readPreRequest, readReadingFunctions } from "./pre-request.ts";
import { type RequestContext, requestContext } from "./request-context.ts";

type Db = Kysely<Record<string, unknown>>;

/** Who calls, as lite hands it to its connection. */
interface Vars {
  auth?: { role?: string; uid?: string; jwt?: Record<string, unknown> };
  storage?: { operation?: string };
}

/** What this file needs to know of lite's Postgres connection. */
interface PostgresConnection {
  driver: unknown;
  kysely: Kysely<unknown>;
  exec(query: string): Promise<unknown>;
  close(): Promise<void>;
  clearSchemaCache(): Promise<void>;
}

/** lite's Postgres connection without a driver; the package exports only what extends it. */
const PostgresConnection = Object.getPrototypeOf(PgliteConnection) as new (
  config: object,
) => PostgresConnection;

/**
 * @supabase/lite over our own sessions. It differs from lite's connections in five ways:
 *
 * - A request's transaction holds its session alone; lite lets concurrent requests interleave in
 *   PGlite's one session, where they would change each other's role.
 * - Nothing is granted behind the migrations' back; lite grants everything in every schema with
 *   row level security to the API roles.
 * - `request.headers` is set for requests to tables as well as to functions, as PostgREST does.
 * - The role's own statement_timeout holds, as PostgREST sees to it.
 * - Reads run in read-only transactions, and `pgrst.db_pre_request` runs before each request.
 */
export class LiteConnection extends PostgresConnection {
  override driver: Database;
  dialect = "postgres" as const;
  readonly #timeouts = new Map<string, string>();
  #preRequest: string | undefined;
  #readingFunctions = new Set<string>();

  constructor(database: Database) {
    super({});
    this.driver = database;
    this.kysely = new Kysely({ dialect: kyselyDialect(database) });
  }

  /** Reads what PostgREST reads from the roles; call it before serving, and when that changed. */
  async prepare(): Promise<void> {
    this.#preRequest = await readPreRequest(this.driver);
    this.#readingFunctions = await readReadingFunctions(this.driver);
    // The in-process Postgres has no timers to stop a statement with.
    if (this.driver.kind === "embedded") return;
    const rows = await this.driver.query<{ role: string; timeout: string }>(
      `select setrole::regrole::text as role, split_part(setting, '=', 2) as timeout
       from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
       where setrole <> 0 and setdatabase = 0 and setting like 'statement\\_timeout=%'`,
    );
    for (const { role, timeout } of rows) this.#timeouts.set(role, timeout);
  }

  override async exec<T>(query: string): Promise<T> {
    const rows = await this.driver.query(query);
    return { rows } as T;
  }

  // Closing the database is left to who opened it.
  override async close(): Promise<void> {
    await this.clearSchemaCache();
  }

  /** Keeps lite from printing the statement and its parameters, and the error for our answer. */
  normalizeDbError(error: unknown): unknown {
    const code = (error as { code?: unknown } | null)?.code;
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return error;

    const failure = new DatabaseFailure(error as DatabaseFailure);
    const request = requestContext.getStore();
    if (request) request.failure = failure;
    return failure;
  }

  /** lite asks this before each request; `true` means the caller's role is to be taken on. */
  async ensureRlsContext(): Promise<boolean> {
    return true;
  }

  async applyJwtSessionContext(db: Db, { auth, storage }: Vars): Promise<void> {
    const role = auth?.role || "anon";
    const claims = auth?.jwt ?? { role };
    const request = requestContext.getStore();
    const isRpc = request?.path.startsWith("/rpc/");
    const settings: Record<string, string> = {
      "request.jwt.claims": JSON.stringify(claims),
      "request.jwt.claim.sub": String(auth?.uid ?? ""),
      "request.jwt.claim.role": role,
      "request.method": request?.method ?? "",
      "request.path": request?.path ?? "",
      "request.headers": JSON.stringify(request?.headers ?? {}),
      "storage.operation": String(storage?.operation ?? ""),
      ...(this.#timeouts.has(role) ? { statement_timeout: this.#timeouts.get(role) ?? "" } : {}),
      ...(request?.isRest && this.#isReading(request) ? { transaction_read_only: "on" } : {}),
      role,
    };
    const values = Object.entries(settings).map(
      ([name, value]) => sql`set_config(${name}, ${value}, true)`,
    );
    await sql`select ${sql.join(values)}`.execute(db);
    if (request?.isRest && !isRpc) await this.#runPreRequest(db);
  }

  /** lite calls it after the one above, for functions only. */
  async applyRpcRequestGucs(db: Db): Promise<void> {
    await sql`
      select set_config('response.status', '', true), set_config('response.headers', '', true)
    `.execute(db);
    await this.#runPreRequest(db);
  }

  #isReading({ method, path }: RequestContext): boolean {
    return ["GET", "HEAD"].includes(method) || this.#readingFunctions.has(path);
  }

  async #runPreRequest(db: Db): Promise<void> {
    if (this.#preRequest) await sql.raw(`select ${this.#preRequest}()`).execute(db);
  }
}
