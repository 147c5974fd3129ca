export { StackFailure } from "./failure.ts";
export type { StackOptions } from "./options.ts";
export type { Keys } from "./settings/keys.ts";
export { type Stack, startStack } from "./start-stack.ts";
