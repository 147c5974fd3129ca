import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { pgTapFiles } from "./test/support/database/vite-plugin.ts";

// `npm test -- <name>` runs one of these. On two cores, two workers are what helps.
const suites: TestProjectConfiguration[] = [
  {
    plugins: [pgTapFiles()],
    test: {
      name: "database",
      include: ["test/database/**/*.test.sql", "test/database/**/*.test.ts"],
      globalSetup: "test/support/database/global-setup.ts",
      isolate: false, // files of a worker share its prepared database, each in a transaction
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  },
  {
    test: {
      name: "functions",
      include: ["test/functions/**/*.test.ts", "test/scripts/**/*.test.ts"],
      isolate: false, // none replaces modules; loading the libraries once is enough
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  },
  {
    test: {
      name: "engine",
      include: ["test/engine/**/*.test.ts"],
      globalSetup: "test/support/database/engine-setup.ts",
      isolate: false,
      testTimeout: 30_000,
      // On a server its files race on purpose, each against itself alone.
      ...(process.env.TEST_SERVER_URL
        ? { fileParallelism: false, sequence: { groupOrder: 2 } }
        : { maxWorkers: 2, sequence: { groupOrder: 1 } }),
    },
  },
  {
    test: {
      name: "e2e",
      include: ["test/e2e/**/*.test.ts"],
      globalSetup: "test/support/stack-setup.ts",
      isolate: false, // each file starts stacks of its own; loading their code once is enough
      maxWorkers: 3, // they wait for functions and leases more than they work
      testTimeout: 60_000,
      hookTimeout: 60_000,
      sequence: { groupOrder: 3 },
    },
  },
];

export default defineConfig({ test: { projects: suites } });
