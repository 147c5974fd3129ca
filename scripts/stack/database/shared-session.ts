import type { Session } from "./database.ts";
import { Lock } from "./lock.ts";

/** Somebody with settings of their own in the shared session: one client of the wire server. */
export interface Tenant {
  settings: Record<string, string>;
}

/**
 * The one session of an in-process Postgres, handed from one unit of work to the next.
 *
 * Whoever holds it is alone from the first statement to the last, so a transaction never swallows
 * a stranger's statement. What a tenant sets (a role, a search path, claims) is put away when
 * somebody else comes, and brought back for them; nobody inherits it.
 */
export class SharedSession {
  readonly #lock = new Lock();
  readonly #session: Session;
  #last: Tenant | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether somebody waits for the session. */
  get contended(): boolean {
    return this.#lock.waiting > 0;
  }

  /** Waits for the session and answers the function that gives it back. */
  async take(tenant?: Tenant): Promise<() => void> {
    const release = await this.#lock.take();
    try {
      if (this.#last && this.#last !== tenant) {
        this.#last.settings = await readSettings(this.#session);
        await this.#session.exec("reset session authorization; reset role; reset all");
        this.#last = undefined;
      }
      if (tenant && tenant !== this.#last) {
        this.#last = tenant;
        await applySettings(this.#session, tenant.settings);
      }
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  async hold<T>(tenant: Tenant | undefined, work: () => Promise<T>): Promise<T> {
    const release = await this.take(tenant);
    try {
      return await work();
    } finally {
      release();
    }
  }
}

// Postgres does not list placeholders, so those that Supabase's tools set are asked for by name.
const placeholders = ["request.jwt.claims", "request.jwt.claim.sub", "request.jwt.claim.role"];

async function readSettings(session: Session): Promise<Record<string, string>> {
  const rows = await session.query<{ name: string; value: string }>(
    `select name, setting as value from pg_catalog.pg_settings where source = 'session'
     union all
     select name, current_setting(name, true) from unnest($1::text[]) as name
     where coalesce(current_setting(name, true), '') <> ''
     union all
     select 'session_authorization', session_user::text where session_user <> 'postgres'
     union all
     select 'role', current_setting('role') where current_setting('role') <> 'none'`,
    [placeholders],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

async function applySettings(session: Session, settings: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await session.query("select set_config($1, $2, false)", [name, value]);
  }
}
