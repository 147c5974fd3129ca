import { existsSync, readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { DemoError } from "./demo-error.ts";

/** What the demonstration was started with. */
export interface DemoOptions {
  supabaseUrl: string;
  publishableKey: string;
  /** The operator's key, for what only an operator does; without it that is left out. */
  secretKey: string | null;
  /** The environment's model, when it names one. */
  model: { provider: string; baseUrl: string | null; apiKey: string | null; name: string } | null;
  help: boolean;
}

/** What `--help` prints. */
export const USAGE = `Shows the main job on a running stack: an agent uses a mail account that it was lent, and is refused
what was taken back; it answers from two files that are uploaded, and says where it has that from;
then it does a scheduled task of three steps, with a tool of an MCP server.

Usage: npm run demo -- [options]

  --env-file <path>  where SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY and SUPABASE_SECRET_KEY are
                     (default .env.local)
  --help             this text

LLM_BASE_URL, LLM_API_KEY and LLM_MODEL name the model to use (LLM_PROVIDER: openai-compatible or
anthropic); without them a scripted model server is started for the demonstration. The mail account
is made up, at servers on this machine: that part needs a stack on this machine, and the secret key.
Variables of the process win over those of the file.`;

/** Reads arguments, the env file and the process's environment. Throws a `DemoError`. */
export function readOptions(argv: string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parse(argv);
  const file = values["env-file"] ?? ".env.local";
  if (values["env-file"] && !existsSync(file)) {
    throw new DemoError(`There is no file ${file}.`, "Name the file that `npm start` wrote.");
  }
  const settings: Record<string, string | undefined> = {
    ...(existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {}),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  };
  const { SUPABASE_URL: supabaseUrl, SUPABASE_PUBLISHABLE_KEY: publishableKey } = settings;
  if (!values.help && (!supabaseUrl || !publishableKey)) {
    throw new DemoError(
      `SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY are neither set nor in ${file}.`,
      "Start the stack first: npm start",
    );
  }
  const name = settings.LLM_MODEL;
  const provider = settings.LLM_PROVIDER ?? "openai-compatible";
  const isNamed = name && (settings.LLM_BASE_URL || provider === "anthropic");
  return {
    supabaseUrl: (supabaseUrl ?? "").replace(/\/$/, ""),
    publishableKey: publishableKey ?? "",
    secretKey: settings.SUPABASE_SECRET_KEY ?? null,
    model: isNamed
      ? {
          provider,
          baseUrl: settings.LLM_BASE_URL ?? null,
          apiKey: settings.LLM_API_KEY ?? null,
          name,
        }
      : null,
    help: values.help === true,
  };
}

/** Whether the stack is on this machine, and so reaches what is started here. */
export function isOnThisMachine({ supabaseUrl }: DemoOptions): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(supabaseUrl).hostname);
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: { "env-file": { type: "string" }, help: { type: "boolean" } },
    });
  } catch (error) {
    throw new DemoError((error as Error).message, "See: npm run demo -- --help");
  }
}
