import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  customFetch,
  nopkce,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  type TokenEndpointResponse,
} from "oauth4webapi";
import { textAt } from "./json-path.ts";
import { type Endpoints, oauthClient } from "./oauth-client.ts";
import type { ProviderMetadata } from "./provider.ts";
import { readScopes } from "./scopes.ts";
import { toOAuthFailure } from "./to-oauth-failure.ts";
import { tokenDialect } from "./token-dialect.ts";

/** What the requests to providers take; tests give their own. */
export interface OutboundTools {
  /** Guarded: the one way out. */
  fetch: typeof fetch;
  env: Record<string, string | undefined>;
}

/** What a provider gave. */
export interface Tokens {
  accessToken: string;
  /** Null: the one before stays, or there is none. */
  refreshToken: string | null;
  /** Null for a token without end. */
  expiresInSeconds: number | null;
  /** As the answer names them; null when it does not. */
  scopes: string[] | null;
  /** What of the answer is kept beside the tokens. */
  metadata: Record<string, string>;
}

/**
 * Exchanges the code of an authorization response that `validateAuthResponse()` let through.
 * Throws `OAuthFailure`, 503 `provider_not_configured`, or what the guard refuses with.
 */
export function exchangeCode(
  provider: Endpoints,
  response: URLSearchParams,
  { redirectUri, codeVerifier }: { redirectUri: string; codeVerifier: string },
  tools: OutboundTools,
): Promise<Tokens> {
  const { server, client, clientAuth, clientSecret } = oauthClient(provider, tools.env);
  const verifier = provider.configuration_metadata.pkce ? codeVerifier : nopkce;
  const secrets = [response.get("code"), codeVerifier, clientSecret];
  return ask(provider, tools, secrets, async (options) =>
    processAuthorizationCodeResponse(
      server,
      client,
      await authorizationCodeGrantRequest(
        server,
        client,
        clientAuth,
        response,
        redirectUri,
        verifier,
        options,
      ),
    ),
  );
}

/** Asks for new tokens; throws as `exchangeCode()`. The answer may be the only one: keep it. */
export function refreshTokens(
  provider: Endpoints,
  refreshToken: string,
  tools: OutboundTools,
): Promise<Tokens> {
  const { server, client, clientAuth, clientSecret } = oauthClient(provider, tools.env);
  return ask(provider, tools, [refreshToken, clientSecret], async (options) =>
    processRefreshTokenResponse(
      server,
      client,
      await refreshTokenGrantRequest(server, client, clientAuth, refreshToken, options),
    ),
  );
}

async function ask(
  { display_name, configuration_metadata: metadata }: Endpoints,
  { fetch }: OutboundTools,
  secrets: readonly (string | null)[],
  request: (options: {
    [customFetch]: ReturnType<typeof tokenDialect>;
    [allowInsecureRequests]: boolean;
  }) => Promise<TokenEndpointResponse>,
): Promise<Tokens> {
  let whole: Record<string, unknown> = {};
  const options = {
    [customFetch]: tokenDialect(metadata, fetch, (answer) => {
      whole = answer;
    }),
    // The guard knows better where http is safe: on this machine, in the embedded stack.
    [allowInsecureRequests]: true,
  };
  try {
    return toTokens(await request(options), whole, metadata);
  } catch (error) {
    throw toOAuthFailure(error, display_name, secrets);
  }
}

/** How long tokens are taken to last that end, of a provider that does not say when. */
const USUAL_SECONDS = 3600;

function toTokens(
  answer: TokenEndpointResponse,
  whole: Record<string, unknown>,
  { token_response, tokens_expire }: ProviderMetadata,
): Tokens {
  const kept = Object.entries(token_response.metadata).map(
    ([name, path]) => [name, textAt(whole, path)] as const,
  );
  const seconds = answer.expires_in ?? (tokens_expire ? USUAL_SECONDS : null);
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    expiresInSeconds: seconds === null ? null : Math.min(Math.floor(seconds), 2_000_000_000),
    scopes: answer.scope === undefined ? null : readScopes(answer.scope),
    metadata: Object.fromEntries(
      kept.filter((entry): entry is [string, string] => entry[1] !== null),
    ),
  };
}
