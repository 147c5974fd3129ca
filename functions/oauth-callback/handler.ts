import { generateRandomState, skipStateCheck, validateAuthResponse } from "oauth4webapi";
import { z } from "zod";
import { callbackUrl } from "../_shared/connections/callback-url.ts";
import type { ConnectionTools } from "../_shared/connections/connection-tools.ts";
import { readIdentity } from "../_shared/connections/identity.ts";
import { oauthClient } from "../_shared/connections/oauth-client.ts";
import type { FindProvider, Provider } from "../_shared/connections/provider.ts";
import { redirectTarget, withOutcome } from "../_shared/connections/redirect-target.ts";
import { revokeTokens } from "../_shared/connections/revoke-tokens.ts";
import { scopesGranted, scopesMissing } from "../_shared/connections/scopes.ts";
import { stateHash } from "../_shared/connections/state-hash.ts";
import { oauthFailure, toOAuthFailure } from "../_shared/connections/to-oauth-failure.ts";
import { exchangeCode, type Tokens } from "../_shared/connections/token-endpoint.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { plainPage } from "./plain-page.ts";

/** What coming back takes; tests give their own. */
export interface OauthCallbackTools extends ConnectionTools {
  /** As the service: nobody is signed in here. */
  findProvider: FindProvider;
}

/** What `create_oauth_state` was told. */
const keptState = z.object({
  user_id: z.guid(),
  organization_id: z.guid(),
  service_provider_id: z.guid(),
  connection_id: z.guid().nullable(),
  code_verifier: z.string(),
  scopes: z.array(z.string()),
  redirect_to: z.string().nullable(),
  visibility: z.string().nullable(),
  connection_name: z.string().nullable(),
  context: z.looseObject({ redirect_uri: z.string().optional() }),
});
type KeptState = z.output<typeof keptState>;

const keptConnection = z.object({ id: z.guid(), connection_status: z.string() });

/** What the page is told; `confirmation` while the connection waits for it. */
interface Connected {
  connection: string;
  confirmation?: string;
}

/** The form of the states that oauth-start makes: 32 bytes. */
const STATE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Takes a browser back from a provider: exchanges the code and keeps the connection, once for each
 * state. Answers a redirect to the page that the user chose when they began, with `?connection=<id>`
 * or `?error=<code>`; without a state that tells that page, a page of plain text. Never throws.
 *
 * Whose browser this is, nobody knows: somebody may have been sent another's link. So a new account
 * comes with `&confirmation=<code>`, for that page to call `confirm_connection` as who is signed in.
 */
export async function handleOauthCallback(url: URL, tools: OauthCallbackTools): Promise<Response> {
  let state: KeptState;
  let target: string;
  try {
    state = await takeState(url.searchParams.getAll("state"), tools);
    // Once more: what was allowed ten minutes ago may not be any longer.
    target = redirectTarget(tools.env, state.redirect_to);
  } catch (error) {
    tools.log("info", "a consent came back to nowhere", { error: describeError(error) });
    return plainPage(error);
  }

  try {
    const outcome = await connect(url.searchParams, state, tools);
    tools.log("info", "an account was connected", { connection: outcome.connection });
    return redirect(withOutcome(target, { ...outcome }));
  } catch (error) {
    const code = error instanceof HttpError ? error.code : "internal_error";
    const isOurs = !(error instanceof HttpError) || error.status === 500;
    tools.log(isOurs ? "error" : "info", "an account was not connected", {
      code,
      organization: state.organization_id,
      error: describeError(error),
    });
    return redirect(withOutcome(target, { error: code }));
  }
}

async function takeState(given: string[], { rpc }: OauthCallbackTools): Promise<KeptState> {
  const [state = ""] = given;
  if (given.length !== 1 || !STATE.test(state)) {
    throw new HttpError(400, "oauth_state_invalid", "This address is not complete.");
  }
  return keptState.parse(
    await rpc("consume_oauth_state", { p_state_hash: await stateHash(state) }),
  );
}

async function connect(
  parameters: URLSearchParams,
  state: KeptState,
  tools: OauthCallbackTools,
): Promise<Connected> {
  const provider = await tools.findProvider({ id: state.service_provider_id });
  if (!provider?.is_active) {
    throw new HttpError(404, "provider_not_found", "The service was switched off meanwhile.");
  }
  const response = authorizationResponse(parameters, provider, tools.env);
  const tokens = await exchangeCode(
    provider,
    response,
    {
      redirectUri: state.context.redirect_uri ?? callbackUrl(tools.env),
      codeVerifier: state.code_verifier,
    },
    tools,
  );
  try {
    return await keep(tokens, provider, state, tools);
  } catch (error) {
    await letGo(tokens, provider, tools);
    throw error;
  }
}

async function keep(
  tokens: Tokens,
  provider: Provider,
  state: KeptState,
  { rpc, fetch }: OauthCallbackTools,
): Promise<Connected> {
  const scopes = scopesGranted(provider.configuration_metadata, state.scopes, tokens.scopes);
  const missing = scopesMissing(state.scopes, scopes);
  if (missing.length > 0) {
    throw oauthFailure("scopes_missing", provider.display_name, {
      cause: new Error(`Not granted: ${missing.join(" ").slice(0, 500)}`),
    });
  }
  const identity = await readIdentity(provider, tokens.accessToken, fetch);
  const confirmation = generateRandomState();
  const saved = await rpc("save_oauth_connection", {
    p_user_id: state.user_id,
    p_organization_id: state.organization_id,
    p_service_provider_id: provider.id,
    p_access_token: tokens.accessToken,
    p_refresh_token: tokens.refreshToken,
    p_scopes: scopes,
    p_expires_in_seconds: tokens.expiresInSeconds,
    p_account_id: identity.id,
    p_account_name: identity.name,
    p_connection_name: state.connection_name,
    p_visibility: state.visibility,
    p_connection_id: state.connection_id,
    p_metadata: tokens.metadata,
    p_confirmation_hash: await stateHash(confirmation),
  });
  const { id, connection_status } = keptConnection.parse(saved);
  return {
    connection: id,
    ...(connection_status === "unconfirmed" ? { confirmation } : {}),
  };
}

/**
 * The response, checked. One that names its issuer (RFC 9207) must name the site to which we sent
 * the browser: each state belongs to one provider, and no other may answer it.
 */
function authorizationResponse(
  given: URLSearchParams,
  provider: Provider,
  env: OauthCallbackTools["env"],
): URLSearchParams {
  const { server, client } = oauthClient(provider, env);
  const parameters = new URLSearchParams(given);
  const issuers = parameters.getAll("iss");
  const site = new URL(provider.authorization_endpoint ?? "").origin;
  if (issuers.some((issuer) => !URL.canParse(issuer) || new URL(issuer).origin !== site)) {
    throw oauthFailure("provider_bad_answer", provider.display_name);
  }
  parameters.delete("iss");
  try {
    const response = validateAuthResponse(server, client, parameters, skipStateCheck);
    if (!response.get("code")) {
      throw oauthFailure("provider_bad_answer", provider.display_name);
    }
    return response;
  } catch (error) {
    throw toOAuthFailure(error, provider.display_name);
  }
}

/** Nobody keeps these tokens, so they should not stay good. Where that would end others, they do. */
async function letGo(tokens: Tokens, provider: Provider, tools: OauthCallbackTools) {
  if (provider.configuration_metadata.revocation.scope === "account") {
    return;
  }
  try {
    await revokeTokens(provider, tokens, tools);
  } catch (error) {
    tools.log("warn", "tokens that nobody keeps were not revoked", {
      provider: provider.name,
      error: describeError(error),
    });
  }
}

function redirect(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
