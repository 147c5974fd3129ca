import type { SupabaseClient } from "@supabase/supabase-js";
import WebSocket from "ws";
import { DemoError } from "./demo-error.ts";
import type { DemoOptions } from "./options.ts";

/** A client of the running stack; throws a `DemoError` when nothing answers there. */
export async function connect(options: DemoOptions): Promise<SupabaseClient> {
  const { supabaseUrl, publishableKey } = options;
  const answer = await fetch(`${supabaseUrl}/auth/v1/health`, {
    headers: { apikey: publishableKey },
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);

  if (!answer) {
    throw new DemoError(`Nothing answers at ${supabaseUrl}.`, "Start the stack first: npm start");
  }
  if (answer.status === 401 || answer.status === 403) {
    throw new DemoError(
      `${supabaseUrl} refuses SUPABASE_PUBLISHABLE_KEY.`,
      "Use the env file of that stack: npm run demo -- --env-file <path>",
    );
  }
  await answer.body?.cancel();
  const createClient = await importQuietly();
  return createClient(supabaseUrl, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: true },
    realtime: { transport: WebSocket as unknown as typeof globalThis.WebSocket },
  });
}

/** supabase-js announces on the console that it will leave Node 20; that is not the user's doing. */
async function importQuietly() {
  const { warn } = console;
  console.warn = () => {};
  try {
    return (await import("@supabase/supabase-js")).createClient;
  } finally {
    console.warn = warn;
  }
}
