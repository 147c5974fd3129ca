import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomState,
} from "oauth4webapi";
import { z } from "zod";
import type { OauthStartBody, OauthStartResult } from "../../types/schemas.ts";
import { callbackUrl } from "../_shared/connections/callback-url.ts";
import type { FindConnection } from "../_shared/connections/find-connection.ts";
import { oauthClient } from "../_shared/connections/oauth-client.ts";
import { connectableProvider, type FindProvider } from "../_shared/connections/provider.ts";
import { redirectTarget } from "../_shared/connections/redirect-target.ts";
import { requireConnecting } from "../_shared/connections/require-connecting.ts";
import { scopesToAsk } from "../_shared/connections/scopes.ts";
import { stateHash } from "../_shared/connections/state-hash.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** What beginning a consent takes; tests give their own. */
export interface OauthStartTools {
  userId: string;
  /** RPCs as the user, and of the service role. */
  userRpc: Rpc;
  rpc: Rpc;
  findProvider: FindProvider;
  /** As the user: a connection that they can see. */
  findConnection: FindConnection;
  env: Record<string, string | undefined>;
}

/** How long the person has at the provider. */
const STATE_SECONDS = 600;

/**
 * Begins a consent: answers the provider's page to send the browser to. What the way back needs is
 * kept under the hash of a random state; the PKCE verifier stays with us.
 */
export async function handleOauthStart(
  body: OauthStartBody,
  { userId, userRpc, rpc, findProvider, findConnection, env }: OauthStartTools,
): Promise<OauthStartResult> {
  // Whatever is wrong is said before somebody gives their consent for nothing.
  const provider = await connectableProvider(findProvider, body.provider, ["oauth"]);
  const { clientId } = oauthClient(provider, env);
  const redirectUri = callbackUrl(env);
  const target = redirectTarget(env, body.redirect_to);
  const held = body.connection_id
    ? await heldScopes(body.connection_id, provider.id, userId, findConnection)
    : [];
  const scopes = scopesToAsk(provider, body.scopes, held);
  await requireConnecting(body.organization_id, { userRpc, rpc });

  const state = generateRandomState();
  const codeVerifier = generateRandomCodeVerifier();
  const { expires_at } = z.object({ expires_at: z.string() }).parse(
    await rpc("create_oauth_state", {
      p_state_hash: await stateHash(state),
      p_user_id: userId,
      p_organization_id: body.organization_id,
      p_service_provider_id: provider.id,
      p_code_verifier: codeVerifier,
      p_scopes: scopes,
      p_redirect_to: target,
      p_connection_id: body.connection_id ?? null,
      p_visibility: body.visibility ?? null,
      p_connection_name: body.connection_name ?? null,
      p_context: { redirect_uri: redirectUri },
      p_expires_in_seconds: STATE_SECONDS,
    }),
  );

  const { configuration_metadata: metadata } = provider;
  const url = new URL(provider.authorization_endpoint ?? "");
  const parameters = {
    ...metadata.extra_authorization_params,
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    state,
    ...(scopes.length > 0
      ? { [metadata.scope_parameter]: scopes.join(metadata.scope_separator) }
      : {}),
    ...(metadata.pkce
      ? {
          code_challenge: await calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: "S256",
        }
      : {}),
  };
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  return { authorization_url: url.href, expires_at };
}

/** Scopes that a connection has, so that it does not lose them by being renewed. */
async function heldScopes(
  connectionId: string,
  providerId: string,
  userId: string,
  findConnection: FindConnection,
): Promise<string[]> {
  const found = await findConnection(connectionId);
  if (found?.user_id !== userId || found.service_provider_id !== providerId) {
    throw new HttpError(404, "connection_not_found", "You have no such connection there.", {
      hint: "Select from user_integration_credentials to see your own.",
    });
  }
  return found.scopes_granted;
}
