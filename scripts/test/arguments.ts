import { parseArgs } from "node:util";

/** The suites of vitest.config.ts. */
export const SUITES = ["database", "functions", "engine", "e2e"] as const;

/** What a run of the tests was asked for. */
export interface TestArguments {
  /** Suites to run; none means all. */
  suites: string[];
  /** Parts of file paths; a file runs when it holds one of them. */
  filters: string[];
  dbUrl?: string;
  name?: string;
}

/** What `npm test -- --help` prints. */
export const USAGE = `npm test [-- [suite…] [path part…] [flags]]

suites: ${SUITES.join(", ")} (default: all)
  --db-url <url>   a superuser's URL of a Postgres server; scratch databases are made and dropped there
                   (default: the in-process Postgres)
  -t, --name <part>  only tests whose name holds this`;

/** Reads the command line of `npm test`. */
export function parseTestArguments(args: string[]): TestArguments | "help" {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      "db-url": { type: "string" },
      name: { type: "string", short: "t" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return "help";
  const isSuite = (word: string) => (SUITES as readonly string[]).includes(word);
  return {
    suites: positionals.filter(isSuite),
    filters: positionals.filter((word) => !isSuite(word)),
    dbUrl: values["db-url"],
    name: values.name,
  };
}
