import type { Rpc } from "../database/rpc.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import type { Log } from "../log.ts";
import type { McpLimits } from "./bounded-fetch.ts";

/** What speaking with tool servers takes; tests give their own. */
export interface McpDeps {
  /** RPCs of the service role, in the name of the agent where there is one. */
  rpc: Rpc;
  network: OutboundNetwork;
  log: Log;
  limits?: Partial<McpLimits>;
}
