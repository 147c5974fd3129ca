import { startVitest, type TestModule } from "vitest/node";
import type { TestArguments } from "./arguments.ts";

/** How a run ended: its last line, and whether it counts as passed. */
export interface TestRun {
  summary: string;
  ok: boolean;
}

/** Runs the wanted suites. A run in which nothing was executed has failed. */
export async function runTests(wanted: TestArguments): Promise<TestRun> {
  process.env.DO_NOT_TRACK = "1";
  if (wanted.dbUrl) process.env.TEST_SERVER_URL = wanted.dbUrl;
  const vitest = await startVitest("test", wanted.filters, {
    run: true,
    watch: false,
    passWithNoTests: true,
    project: wanted.suites,
    testNamePattern: wanted.name,
  });
  const modules = vitest.state.getTestModules();
  const unhandled = vitest.state.getUnhandledErrors().length;
  await vitest.close();
  // Vitest sets an exit code of its own; ours is the one that holds.
  process.exitCode = 0;
  return summarize(modules, unhandled);
}

/** Counts tests; a file that could not be loaded and an unhandled error each count as a failure. */
export function summarize(modules: TestModule[], unhandled: number): TestRun {
  const count = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) count.failed += 1;
    for (const suite of module.children.allSuites())
      if (suite.errors().length > 0) count.failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed" || state === "failed" || state === "skipped") count[state] += 1;
      else count.failed += 1;
    }
  }
  if (count.passed + count.failed === 0) console.error("No test was executed.");
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  return {
    summary: `${count.passed} passed, ${count.failed} failed${skipped}`,
    ok: count.failed === 0 && count.passed > 0,
  };
}
