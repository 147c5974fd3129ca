import type { Rpc } from "../database/rpc.ts";

/**
 * Counts one call of a function that a user called, for the organization it acts for. Call it once
 * it is known that the user belongs there, and before anything is written.
 *
 * @param rpc RPCs of the service role
 * @throws HttpError 429 `requests_quota_reached`, with the seconds until the next minute
 */
export async function chargeRequest(rpc: Rpc, organizationId: string): Promise<void> {
  await rpc("consume_request", { p_organization_id: organizationId });
}
