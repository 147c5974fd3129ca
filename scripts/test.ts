/**
 * npm test [-- [suite…] [path part…] [--db-url <superuser url>] [-t <name part>]]
 *
 * Runs the suites (all, or those named) and ends with the line `N passed, N failed`.
 */

import { parseTestArguments, USAGE } from "./test/arguments.ts";
import { runTests, type TestRun } from "./test/run.ts";

let run: TestRun;
try {
  const wanted = parseTestArguments(process.argv.slice(2));
  if (wanted === "help") {
    console.log(USAGE);
    process.exit(0);
  }
  run = await runTests(wanted);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
console.log(run.summary);
process.exit(run.ok ? 0 : 1);
