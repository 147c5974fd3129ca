import { resolveEnv } from "@supabase/server/core";
import type { Call } from "./http/serve.ts";
import { type Wake, waker } from "./wake.ts";

/** The waker of a call: wakes functions of the same project with its default secret key. */
export function callWaker({ correlationId, log, platform }: Call): Wake {
  const { data: env, error } = resolveEnv();
  if (error) {
    throw error;
  }
  const secretKey = env.secretKeys.default ?? Object.values(env.secretKeys)[0] ?? "";
  return waker({
    url: env.url,
    secretKey,
    correlationId,
    log,
    waitUntil: (promise) => platform.waitUntil(promise),
  });
}
