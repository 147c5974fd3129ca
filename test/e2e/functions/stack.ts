import { createScratchDatabase } from "../../../scripts/check/scratch-database.ts";
import { startStack } from "../../../scripts/stack/index.ts";
import type { StackAddress } from "./people.ts";

/** A stack for one test file. */
export interface TestStack extends StackAddress {
  stop: () => Promise<void>;
}

/**
 * Starts a stack that keeps nothing, turns its engine only when told to, and has no model. With
 * ENSEMBLE_TEST_DB_URL it uses a database of its own on that server.
 */
export async function startTestStack(): Promise<TestStack> {
  const serverUrl = process.env.ENSEMBLE_TEST_DB_URL;
  const scratch = serverUrl ? await createScratchDatabase(serverUrl, "functions") : null;
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    memory: true,
    tick: false,
    ...(scratch ? { dbUrl: scratch.url } : {}),
    functionsEnv: { LLM_BASE_URL: "", LLM_MODEL: "", LLM_API_KEY: "", LLM_PROVIDER: "" },
  });
  const { publishableKey, secretKey } = stack.keys;
  return {
    url: stack.url,
    publishableKey,
    secretKey,
    stop: async () => {
      await stack.stop();
      await scratch?.drop();
    },
  };
}
