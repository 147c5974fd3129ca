import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import ws from "ws";
import { createScratchDatabase } from "../../scripts/check/scratch-database.ts";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/index.ts";

/**
 * Starts a stack on free ports that keeps nothing: over the in-process Postgres, or over a scratch
 * database of the server of `npm test -- --db-url`. Its engine turns only when told to.
 */
export async function startTestStack(options: StackOptions = {}): Promise<Stack> {
  const server = process.env.TEST_SERVER_URL;
  const scratch = server ? await createScratchDatabase(server, "stack") : undefined;
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    memory: true,
    tick: false,
    dbUrl: scratch?.url,
    ...options,
  });
  const stop = async () => {
    await stack.stop();
    await scratch?.drop();
  };
  return { ...stack, stop };
}

/** A supabase-js client that remembers nothing beyond the test. */
export function clientOf(stack: Stack, key = stack.keys.publishableKey): SupabaseClient {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: ws as never },
  });
}
