import { randomUUID } from "node:crypto";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { inject } from "vitest";
import ws from "ws";
import { createScratchDatabase } from "../../scripts/check/scratch-database.ts";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/index.ts";

/**
 * Starts a stack on free ports that keeps nothing: over the in-process Postgres, or over a scratch
 * database of the server of `npm test -- --db-url`. Its engine turns only when told to. In-process
 * it begins with a copy of the migrated database, unless it is of another project or keeps its data
 * in a folder of its own.
 */
export async function startTestStack(options: StackOptions = {}): Promise<Stack> {
  const server = process.env.TEST_SERVER_URL;
  const scratch = server ? await createScratchDatabase(server, "stack") : undefined;
  const folder = server || options.root || options.dataDir ? undefined : await copyStackTemplate();
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
    if (folder) await rm(folder, { recursive: true, force: true });
  };
  return { ...stack, stop };
}

/** A data folder that holds the migrated database. */
async function copyStackTemplate(): Promise<string> {
  const folder = join(inject("stackTemplate"), randomUUID());
  await cp(join(inject("stackTemplate"), "template"), join(folder, "postgres"), {
    recursive: true,
  });
  return folder;
}

/** A supabase-js client that remembers nothing beyond the test. */
export function clientOf(stack: Stack, key = stack.keys.publishableKey): SupabaseClient {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: ws as never },
  });
}
