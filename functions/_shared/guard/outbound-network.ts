import type { OpenConnection } from "./connection.ts";

/** Looks up the addresses of a host name; none when it has none. */
export type ResolveHost = (host: string) => Promise<string[]>;

/** The way out that the guard watches. */
export interface OutboundNetwork {
  resolveHost: ResolveHost;
  connect: OpenConnection;
  /** Set by the embedded stack alone: plain http to this machine is then allowed. */
  allowLoopback: boolean;
}

/** The way out of a function: `outboundNetwork(platform)`. */
export function outboundNetwork(platform: {
  env: Record<string, string | undefined>;
  resolveHost: ResolveHost;
  connect: OpenConnection;
}): OutboundNetwork {
  const { env, resolveHost, connect } = platform;
  return { resolveHost, connect, allowLoopback: env.ENSEMBLE_ALLOW_LOOPBACK === "1" };
}
