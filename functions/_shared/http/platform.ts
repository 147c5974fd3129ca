import type { OpenConnection } from "../guard/connection.ts";
import type { ResolveHost } from "../guard/outbound-network.ts";

/** What a function needs from the runtime it happens to run on. */
export interface Platform {
  /** The environment's variables. */
  env: Record<string, string | undefined>;
  /** Looks up the addresses of a host name. */
  resolveHost: ResolveHost;
  /** Opens connections to addresses, for the guard of outbound requests. */
  connect: OpenConnection;
  /** Keeps the worker alive until a promise settles, beyond the response. */
  waitUntil: (promise: Promise<unknown>) => void;
}
