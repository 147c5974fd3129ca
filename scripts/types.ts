/**
 * npm run types [-- --db-url <superuser url>]
 *
 * Regenerates types/database.ts with the official CLI from a freshly migrated database.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ROOT } from "./check/files.ts";
import { generateTypes } from "./check/generate-types.ts";
import { openWorkbench } from "./check/workbench.ts";

const { values } = parseArgs({ options: { "db-url": { type: "string" } } });
const workbench = openWorkbench(values["db-url"]);
try {
  writeFileSync(`${ROOT}types/database.ts`, await generateTypes(workbench));
  console.log("types/database.ts is fresh");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await workbench.close();
}
