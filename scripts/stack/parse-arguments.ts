import { parseArgs } from "node:util";
import { StackFailure } from "./failure.ts";
import type { StackOptions } from "./options.ts";

/** What `npm start -- --help` prints. */
export const usage = `npm start -- [options]

Starts Ensemble with everything it needs, and stops it with Ctrl-C.

  --port <number>      port of the API (default 54321; 0 takes a free one)
  --db-port <number>   port of Postgres for psql and the supabase CLI (default 54322)
  --host <address>     address that the API listens on (default 127.0.0.1)
  --data-dir <folder>  where data is kept (default .data)
  --env-file <file>    where keys are kept (default .env.local)
  --memory             keep nothing
  --db-url <url>       use a Postgres server (15 or later, a superuser's URL)
                       instead of the in-process one
  --no-tick            do not call the scheduler
  --help               show this
`;

/** Reads the command line; `help` when that is all that is wanted. */
export function parseArguments(args: string[]): StackOptions | "help" {
  const { values } = readValues(args);
  if (values.help) return "help";
  return {
    port: readPort("--port", values.port),
    dbPort: readPort("--db-port", values["db-port"]),
    host: values.host,
    dataDir: values["data-dir"],
    envFile: values["env-file"] ?? ".env.local",
    memory: values.memory,
    dbUrl: values["db-url"],
    tick: !values["no-tick"],
  };
}

function readValues(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args,
      options: {
        port: text,
        "db-port": text,
        host: text,
        "data-dir": text,
        "env-file": text,
        memory: flag,
        "db-url": text,
        "no-tick": flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new StackFailure(`${(error as Error).message.split(". ")[0]}; --help lists the options`);
  }
}

function readPort(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new StackFailure(`Cannot use ${flag} ${text}: a port is a number from 0 to 65535`);
}
