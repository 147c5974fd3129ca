/** Keeps the AI SDK from writing its own warnings to the log. */
export function quietSdk(): void {
  (globalThis as { AI_SDK_LOG_WARNINGS?: false }).AI_SDK_LOG_WARNINGS = false;
}
