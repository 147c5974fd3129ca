import { createScratchDatabase } from "../../../scripts/check/scratch-database.ts";

/**
 * With `npm test -- --db-url`, gives the stacks that end-to-end tests start a scratch database on that
 * server, in ENSEMBLE_TEST_DB_URL. Otherwise they keep an in-process Postgres of their own.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  process.env.DO_NOT_TRACK = "1";
  const serverUrl = process.env.TEST_SERVER_URL;
  if (!serverUrl) return undefined;
  const scratch = await createScratchDatabase(serverUrl, "e2e");
  process.env.ENSEMBLE_TEST_DB_URL = scratch.url;
  return () => scratch.drop();
}
