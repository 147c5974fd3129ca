import { startStack } from "../../../scripts/stack/index.ts";
import type { StackAddress } from "./people.ts";

/** A stack for one test file. */
export interface TestStack extends StackAddress {
  stop: () => Promise<void>;
}

/** Starts a stack that keeps nothing, turns its engine only when told to, and has no model. */
export async function startTestStack(): Promise<TestStack> {
  const dbUrl = process.env.ENSEMBLE_TEST_DB_URL;
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    memory: true,
    tick: false,
    ...(dbUrl ? { dbUrl } : {}),
    functionsEnv: {
      LLM_BASE_URL: "",
      LLM_MODEL: "",
      LLM_API_KEY: "",
      LLM_PROVIDER: "",
      ENSEMBLE_ALLOW_LOOPBACK: "1",
    },
  });
  const { publishableKey, secretKey } = stack.keys;
  return { url: stack.url, publishableKey, secretKey, stop: () => stack.stop() };
}
