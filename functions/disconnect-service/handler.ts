import { z } from "zod";
import type { DisconnectServiceBody, DisconnectServiceResult } from "../../types/schemas.ts";
import type { ConnectionTools } from "../_shared/connections/connection-tools.ts";
import { providerMetadata } from "../_shared/connections/provider.ts";
import { revokeTokens } from "../_shared/connections/revoke-tokens.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** What ending a connection takes; tests give their own. */
export interface DisconnectServiceTools extends ConnectionTools {
  /** RPCs as the user: what they may end, the database decides. */
  userRpc: Rpc;
}

const revocation = z.object({
  provider: z.string(),
  revocation_endpoint: z.string().nullable(),
  configuration_metadata: providerMetadata,
  access_token: z.string().nullable(),
  refresh_token: z.string().nullable(),
  is_account_shared: z.boolean(),
});

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
  const reason = await takeBack(connectionId, tools);
  const connection = await userRpc("disconnect_service", { p_connection_id: connectionId });
  return {
    connection: z.looseObject({ id: z.guid() }).parse(connection),
    revoked: reason === null,
    reason,
  };
}

/** Null when the provider took the consent back; otherwise why not. Never throws. */
async function takeBack(
  connectionId: string,
  tools: DisconnectServiceTools,
): Promise<string | null> {
  try {
    const held = revocation
      .nullable()
      .parse(await tools.rpc("revocation_credential", { p_connection_id: connectionId }));
    if (!held) {
      return "not_supported";
    }
    const { configuration_metadata: metadata } = held;
    if (held.is_account_shared && metadata.revocation.scope === "account") {
      return "account_shared";
    }
    const isRevoked = await revokeTokens(
      { ...held, display_name: held.provider, token_endpoint: null },
      { accessToken: held.access_token, refreshToken: held.refresh_token },
      tools,
    );
    return isRevoked ? null : "not_supported";
  } catch (error) {
    tools.log("warn", "a consent was not taken back", {
      connection: connectionId,
      error: describeError(error),
    });
    return error instanceof HttpError ? error.code : "internal_error";
  }
}
