import type { SupabaseClient } from "@supabase/supabase-js";
import { databaseError, isPassing } from "../errors/database-error.ts";
import { sleep } from "../sleep.ts";
import type { Rpc } from "./rpc.ts";

/** Names the agent in whose name the service acts; audit logs believe it from the service alone. */
const AGENT_HEADER = "x-agent-id";

/** Waits before the second and the third attempt. */
const RETRY_WAITS_MS = [150, 600];

/**
 * RPCs over a supabase-js client that acts as a user or as the service. A call that found no
 * database is tried again: each function we call either presents a fencing token or can be
 * repeated without harm. With an agent, the service acts in its name.
 */
export function clientRpc(
  client: SupabaseClient,
  actor: "user" | "service",
  agentId?: string,
): Rpc {
  return async (name, args = {}) => {
    for (let attempt = 0; ; attempt += 1) {
      const call = client.rpc(name, args);
      if (agentId) {
        call.setHeader(AGENT_HEADER, agentId);
      }
      const { data, error, status } = await call;
      if (!error) {
        return data;
      }
      const failure = { ...error, status };
      const wait = RETRY_WAITS_MS[attempt];
      if (wait === undefined || !isPassing(failure)) {
        const organizationId = args.p_organization_id;
        throw databaseError(
          failure,
          actor,
          typeof organizationId === "string" ? organizationId : null,
        );
      }
      await sleep(wait);
    }
  };
}
