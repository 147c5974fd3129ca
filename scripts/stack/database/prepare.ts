/**
 * npx tsx scripts/stack/database/prepare.ts <superuser url>
 *
 * Makes any Postgres ready for Ensemble: lays what Supabase's image brings, then applies the
 * migrations. May be repeated.
 */
import { connect, layPlatform, migrate } from "./index.ts";

process.env.DO_NOT_TRACK = "1";
const url = process.argv[2];
if (!url) {
  console.error("usage: prepare.ts <superuser url>");
  process.exit(2);
}

try {
  const database = await connect(url);
  await layPlatform(database);
  await migrate(database, {
    directory: "supabase/migrations",
    onApplied: ({ path }) => console.log(`applied ${path}`),
  });
  await database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
