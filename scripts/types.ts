/**
 * npm run types [-- --db-url <superuser url>]
 *
 * Regenerates what is written from a freshly migrated database: types/database.ts, by the official
 * CLI, and the README's table of permissions.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ROOT } from "./check/files.ts";
import { generateTypes } from "./check/generate-types.ts";
import { freshReadme } from "./check/permissions-table.ts";
import { openWorkbench } from "./check/workbench.ts";

const { values } = parseArgs({ options: { "db-url": { type: "string" } } });
const workbench = openWorkbench(values["db-url"]);
try {
  writeFileSync(`${ROOT}types/database.ts`, await generateTypes(workbench));
  writeFileSync(`${ROOT}README.md`, await freshReadme(workbench));
  console.log("types/database.ts and the README's table of permissions are fresh");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await workbench.close();
}
