import { randomUUID } from "node:crypto";
import { cpSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { inject } from "vitest";
import ws from "ws";
import { createScratchDatabase } from "../../scripts/check/scratch-database.ts";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/index.ts";

/** What tests need to know of a stack that somebody else started. */
export type SharedStack = Pick<Stack, "url" | "keys" | "databaseUrl">;

/** Settings of an operator who has set up neither models nor mail, whatever the shell says. */
export const nothingSetUp = {
  LLM_BASE_URL: "",
  LLM_MODEL: "",
  LLM_API_KEY: "",
  LLM_PROVIDER: "",
  LLM_IMAGE_MODEL: "",
  EMBEDDING_PROVIDER: "",
  EMBEDDING_BASE_URL: "",
  EMBEDDING_MODEL: "",
  EMBEDDING_API_KEY: "",
  SMTP_HOST: "",
  INVITATION_URL: "",
};

/**
 * Starts a stack on free ports that keeps nothing: over the in-process Postgres, or over a scratch
 * database of the server of `npm test -- --db-url`. Its engine turns only when told to. In-process
 * it begins with a copy of the migrated database, unless it is of another project.
 */
export async function startTestStack(
  options: StackOptions = {},
  template: () => string = () => inject("stackTemplate"),
): Promise<Stack> {
  const server = process.env.TEST_SERVER_URL;
  const scratch = server ? await createScratchDatabase(server, "stack") : undefined;
  const isOther = Boolean(server || options.root);
  const folder = isOther ? options.dataDir : copyStackTemplate(template(), options.dataDir);
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    memory: folder === undefined,
    dataDir: folder,
    tick: false,
    dbUrl: scratch?.url,
    ...options,
  });
  const stop = async () => {
    await stack.stop();
    await scratch?.drop();
    if (folder && !options.dataDir) await rm(folder, { recursive: true, force: true });
  };
  return { ...stack, stop };
}

/**
 * The one stack of the run that files share whose tests mind their own organizations alone: none of
 * them lets the engine take a turn, changes a catalogue or counts what is everybody's. Its operator
 * has set up neither a model nor mail.
 */
export function sharedStack(): SharedStack {
  return inject("sharedStack");
}

/** Starts what `sharedStack` gives. */
export function startSharedStack(template: () => string): Promise<Stack> {
  return startTestStack({ functionsEnv: nothingSetUp, log: () => undefined }, template);
}

/** A data folder that holds the migrated database: that one, or one beside the template. */
function copyStackTemplate(template: string, folder = join(template, randomUUID())): string {
  // Of a thousand small files, copied at once five times as quickly as one by one.
  cpSync(join(template, "template"), join(folder, "postgres"), { recursive: true });
  return folder;
}

/** A supabase-js client that remembers nothing beyond the test. */
export function clientOf(stack: SharedStack, key = stack.keys.publishableKey): SupabaseClient {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: ws as never },
  });
}
