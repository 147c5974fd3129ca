import type { Rpc } from "../database/rpc.ts";
import { outboundFetch } from "../guard/guarded-fetch.ts";
import { outboundNetwork } from "../guard/outbound-network.ts";
import type { Platform } from "../http/platform.ts";
import type { Log } from "../log.ts";
import type { sleep } from "../sleep.ts";

/** What working with connections takes; tests give their own. */
export interface ConnectionTools {
  /** RPCs of the service role. */
  rpc: Rpc;
  /** Guarded: the one way out. */
  fetch: typeof fetch;
  env: Record<string, string | undefined>;
  log: Log;
  now?: () => number;
  sleep?: typeof sleep;
}

/** The guarded way to providers' OAuth endpoints: shorter than a lease, and for small answers. */
export function providerFetch(platform: Platform): typeof fetch {
  return outboundFetch(outboundNetwork(platform), {
    timeoutMs: 20_000,
    idleMs: 15_000,
    maxBytes: 1_000_000,
    maxRedirects: 0,
  });
}

/** The tools of a function that runs on a platform. */
export function connectionTools(rpc: Rpc, platform: Platform, log: Log): ConnectionTools {
  return { rpc, fetch: providerFetch(platform), env: platform.env, log };
}
