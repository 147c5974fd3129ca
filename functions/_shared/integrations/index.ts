import type { Capability } from "./capability.ts";

/** What each provider's file exports, in the order of their names. */
const providers: readonly (readonly Capability[])[] = [];

/** Every capability that can be executed, by its key. */
export const capabilities: Readonly<Record<string, Capability>> = Object.fromEntries(
  providers.flat().map((capability) => [capability.key, capability]),
);
