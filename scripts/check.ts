/**
 * npm run check [-- [part of a check's name…] [--db-url <superuser url>]]
 *
 * Runs every check, says how each ended, and ends with the line `N passed, N failed`.
 */
import { parseArgs } from "node:util";
import { CHECKS, runChecks } from "./check/run.ts";
import { openWorkbench } from "./check/workbench.ts";

process.env.DO_NOT_TRACK = "1";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "db-url": { type: "string" } },
});
const wanted = CHECKS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const workbench = openWorkbench(values["db-url"]);
const run = await runChecks(wanted, workbench, (line) => console.log(line));
await workbench.close();
console.log(run.summary);
process.exit(run.ok ? 0 : 1);
