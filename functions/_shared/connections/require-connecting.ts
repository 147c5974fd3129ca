import type { Rpc } from "../database/rpc.ts";
import { HttpError } from "../errors/http-error.ts";
import { chargeRequest } from "../quotas/charge-request.ts";

/**
 * Lets those through who may connect accounts in an organization, and counts the request there.
 * Errors: 403 `permission_denied`, 429 `requests_quota_reached`.
 */
export async function requireConnecting(
  organizationId: string,
  { userRpc, rpc }: { userRpc: Rpc; rpc: Rpc },
): Promise<void> {
  const isAllowed = await userRpc("check_permission", {
    p_organization_id: organizationId,
    p_permission: "integrations.connect",
  });
  if (isAllowed !== true) {
    throw new HttpError(
      403,
      "permission_denied",
      "You may not connect accounts in this organization.",
      { hint: "It takes the permission integrations.connect." },
    );
  }
  await chargeRequest(rpc, organizationId);
}
