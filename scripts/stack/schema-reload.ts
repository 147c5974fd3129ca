import pg from "pg";
import type { Database } from "./database/database.ts";
import type { EmbeddedDatabase } from "./database/open-embedded.ts";

/** Runs the work whenever SQL says `notify pgrst`, as PostgREST does. Answers how to stop. */
export async function onSchemaReload(
  database: Database,
  url: string,
  reload: () => void,
): Promise<() => Promise<void>> {
  if (database.kind === "embedded") {
    const { pglite, shared } = database as EmbeddedDatabase;
    await shared.hold(undefined, () => pglite.listen("pgrst", reload));
    return async () => undefined;
  }
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  client.on("notification", reload);
  await client.connect();
  await client.query("listen pgrst");
  return () => client.end();
}
