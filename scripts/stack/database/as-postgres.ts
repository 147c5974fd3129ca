import type { Session } from "./database.ts";

/**
 * Runs the work as the role `postgres`, as on Supabase: the role that owns what migrations make
 * and is no superuser. A session that is `postgres` already stays as it is.
 */
export async function asPostgres<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const [me] = await session.query<{ name: string }>("select session_user::text as name");
  const others = me?.name !== "postgres";
  if (others) await session.exec("set session authorization postgres");
  // A role's own settings come with its login only, not with a change of authorization.
  await session.exec(`set search_path = "$user", public, extensions`);
  try {
    return await work();
  } finally {
    if (others) await session.exec("reset session authorization");
    await session.exec("reset search_path");
  }
}
