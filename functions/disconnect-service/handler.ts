import { z } from "zod";
import type { DisconnectServiceBody, DisconnectServiceResult } from "../../types/schemas.ts";
import type { ConnectionTools } from "../_shared/connections/connection-tools.ts";
import { takeBack } from "../_shared/connections/take-back.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** What ending a connection takes; tests give their own. */
export interface DisconnectServiceTools extends ConnectionTools {
  /** RPCs as the user: what they may end, the database decides. */
  userRpc: Rpc;
}

/**
 * Ends a connection: takes the consent back at the provider, and then our tokens and the permissions
 * of agents. A provider that is down keeps nobody connected; the answer says that it was not told.
 * Not charged: nobody runs out of requests for ending something.
 */
export async function handleDisconnectService(
  { connection_id: connectionId }: DisconnectServiceBody,
  tools: DisconnectServiceTools,
): Promise<DisconnectServiceResult> {
  const { userRpc } = tools;
  if ((await userRpc("can_manage_connection", { p_connection_id: connectionId })) !== true) {
    // Says whether there is none, or whether it may not be ended.
    await userRpc("disconnect_service", { p_connection_id: connectionId });
    throw new HttpError(403, "permission_denied", "You may not end this connection.");
  }
  const reason = await takeBack(
    () => tools.rpc("revocation_credential", { p_connection_id: connectionId }),
    tools,
  );
  const connection = await userRpc("disconnect_service", { p_connection_id: connectionId });
  return {
    connection: z.looseObject({ id: z.guid() }).parse(connection),
    revoked: reason === null,
    reason,
  };
}
