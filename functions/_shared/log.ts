import { redact } from "./redact.ts";

/** Writes one structured line. */
export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  facts?: Record<string, unknown>,
) => void;

/** A log that writes JSON lines to the console, each with the request's correlation id. */
export function consoleLog(facts: Record<string, unknown>): Log {
  return (level, message, more = {}) => {
    console[level](redact(JSON.stringify({ level, message, ...facts, ...more })));
  };
}
