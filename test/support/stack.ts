import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { inject } from "vitest";
import ws from "ws";
import { createScratchDatabase } from "../../scripts/check/scratch-database.ts";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/index.ts";
import { copyTemplate } from "./database/prepare.ts";

/**
 * Starts a stack on free ports that keeps nothing: over the in-process Postgres, or over a database
 * of the server of `npm test -- --db-url`. Its engine turns only when told to. It begins with a copy
 * of the migrated database, unless it is of another project or keeps its data in a folder of its own.
 */
export async function startTestStack(options: StackOptions = {}): Promise<Stack> {
  const server = process.env.TEST_SERVER_URL;
  const home = options.root || options.dataDir ? undefined : await copyStackTemplate();
  const scratch = server && !home ? await createScratchDatabase(server, "stack") : undefined;
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    memory: !home?.folder,
    dataDir: home?.folder,
    tick: false,
    dbUrl: home?.url ?? scratch?.url,
    ...options,
  });
  const stop = async () => {
    await stack.stop();
    await scratch?.drop();
    if (home?.folder) await rm(home.folder, { recursive: true, force: true });
  };
  return { ...stack, stop };
}

/** A copy of the migrated database, as a stack takes it: a data folder or a URL. */
async function copyStackTemplate(): Promise<{ folder?: string; url?: string }> {
  const copy = await copyTemplate(
    inject("stackTemplate"),
    `stack_${randomUUID().slice(0, 8)}`,
    "postgres",
  );
  return "url" in copy ? copy : { folder: dirname(copy.directory) };
}

/** A supabase-js client that remembers nothing beyond the test. */
export function clientOf(stack: Stack, key = stack.keys.publishableKey): SupabaseClient {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: ws as never },
  });
}
