import type { Stack } from "../../../scripts/stack/index.ts";
import { nothingSetUp, startTestStack } from "../../support/stack.ts";

/** Starts a stack whose operator has set no model, whatever the environment says. */
export function startModellessStack(): Promise<Stack> {
  return startTestStack({ functionsEnv: nothingSetUp });
}
