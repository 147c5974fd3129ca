import type { Stack } from "../../../scripts/stack/index.ts";
import { startTestStack } from "../../support/stack.ts";

/** Starts a stack whose operator has set no model, whatever the environment says. */
export function startModellessStack(): Promise<Stack> {
  return startTestStack({
    functionsEnv: { LLM_BASE_URL: "", LLM_MODEL: "", LLM_API_KEY: "", LLM_PROVIDER: "" },
  });
}
