import { z } from "zod";
import type { ConnectServiceBody, ConnectServiceResult } from "../../types/schemas.ts";
import { connectableProvider, type FindProvider } from "../_shared/connections/provider.ts";
import { requireConnecting } from "../_shared/connections/require-connecting.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { OutboundNetwork } from "../_shared/guard/outbound-network.ts";
import type { Log } from "../_shared/log.ts";
import { tryKey } from "./try-key.ts";
import { trySmtp } from "./try-smtp.ts";

/** What connecting by a key takes; tests give their own. */
export interface ConnectServiceTools {
  userId: string;
  /** RPCs as the user, and of the service role. */
  userRpc: Rpc;
  rpc: Rpc;
  findProvider: FindProvider;
  fetch: typeof fetch;
  network: OutboundNetwork;
  env: Record<string, string | undefined>;
  log: Log;
}

/**
 * Connects a service by what a person was given there: an API key, or the login of a mail server.
 * It is tried before it is kept; what the service does not take is not kept.
 *
 * Errors: 404 `provider_not_found`, 403 `permission_denied`, 400 `credential_invalid`, 422
 * `credential_refused`, and what `save_key_connection` raises.
 */
export async function handleConnectService(
  body: ConnectServiceBody,
  tools: ConnectServiceTools,
): Promise<ConnectServiceResult> {
  const { userId, rpc, log } = tools;
  const provider = await connectableProvider(tools.findProvider, body.provider, [
    "api_key",
    "smtp",
  ]);
  const credential = parseCredential(
    provider.configuration_metadata.credential_schema,
    body.credential,
    provider.display_name,
  );
  await requireConnecting(body.organization_id, tools);

  if (provider.provider_type === "smtp") {
    const { ca } = provider.configuration_metadata;
    await trySmtp(credential, tools.network, ca ?? (tools.env.SMTP_CA || null));
  } else {
    await tryKey(provider, credential, tools.fetch);
  }

  const from = credential.from_email ?? credential.username;
  const saved = await rpc("save_key_connection", {
    p_user_id: userId,
    p_organization_id: body.organization_id,
    p_service_provider_id: provider.id,
    p_credential: credential,
    p_account_name: typeof from === "string" ? from : null,
    p_connection_name: body.connection_name ?? null,
    p_visibility: body.visibility ?? null,
    p_connection_id: body.connection_id ?? null,
  });
  const connection = z.looseObject({ id: z.guid() }).parse(saved);
  log("info", "a service was connected", { provider: provider.name, connection: connection.id });
  return { connection };
}

/** The credential as the provider's schema has it. Errors name fields, never what is in them. */
function parseCredential(
  schema: Record<string, unknown> | undefined,
  credential: Record<string, unknown>,
  name: string,
): Record<string, unknown> {
  const parsed = z
    .fromJSONSchema((schema ?? { type: "object" }) as Parameters<typeof z.fromJSONSchema>[0])
    .safeParse(credential);
  if (!parsed.success) {
    const fields = parsed.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" ? issue.keys : [issue.path.join(".")],
    );
    throw new HttpError(
      400,
      "credential_invalid",
      `That is no credential of ${name}: check ${[...new Set(fields)].join(", ")}.`,
      {
        details: { fields },
        hint: "credential_schema in the configuration_metadata of the provider says what it takes.",
      },
    );
  }
  return parsed.data as Record<string, unknown>;
}
