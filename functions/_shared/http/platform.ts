import type { ResolveHost } from "../guard/outbound-url.ts";

/** What a function needs from the runtime it happens to run on. */
export interface Platform {
  /** The environment's variables. */
  env: Record<string, string | undefined>;
  /** Looks up the addresses of a host name. */
  resolveHost: ResolveHost;
  /** Keeps the worker alive until a promise settles, beyond the response. */
  waitUntil: (promise: Promise<unknown>) => void;
}
