import {
  allowInsecureRequests,
  customFetch,
  processRevocationResponse,
  ResponseBodyError,
  revocationRequest,
} from "oauth4webapi";
import { atPath } from "./json-path.ts";
import { type Endpoints, oauthClient } from "./oauth-client.ts";
import { oauthFailure, toOAuthFailure } from "./to-oauth-failure.ts";
import type { OutboundTools } from "./token-endpoint.ts";

/** What can be taken back. */
export interface HeldTokens {
  accessToken: string | null;
  refreshToken: string | null;
}

/**
 * Takes a consent back at its provider (RFC 7009, or the provider's own way). False when the
 * provider has no way to. Tokens that it does not know any more count as taken back.
 *
 * Throws `OAuthFailure`, 503 `provider_not_configured`, or what the guard refuses with.
 */
export async function revokeTokens(
  provider: Endpoints,
  { accessToken, refreshToken }: HeldTokens,
  tools: OutboundTools,
): Promise<boolean> {
  const { revocation } = provider.configuration_metadata;
  const token =
    revocation.revokes === "access_token"
      ? (accessToken ?? refreshToken)
      : (refreshToken ?? accessToken);
  if (!provider.revocation_endpoint || !token) {
    return false;
  }
  const isPlain =
    revocation.auth === "client" && revocation.format === "form" && revocation.method === "POST";
  try {
    await (isPlain ? revokePlainly : revokeItsWay)(provider, token, tools);
  } catch (error) {
    if (
      error instanceof ResponseBodyError &&
      ["invalid_token", "invalid_grant"].includes(error.error)
    ) {
      return true;
    }
    throw toOAuthFailure(error, provider.display_name, [accessToken, refreshToken]);
  }
  return true;
}

async function revokePlainly(provider: Endpoints, token: string, { fetch, env }: OutboundTools) {
  const { server, client, clientAuth } = oauthClient(provider, env);
  const options = {
    [customFetch]: withoutChallenge(fetch),
    [allowInsecureRequests]: true,
  };
  await processRevocationResponse(
    await revocationRequest(server, client, clientAuth, token, options),
  );
}

/** The error word of the body counts, not the header. */
function withoutChallenge(fetch: typeof globalThis.fetch) {
  return async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    const wait = response.headers.get("retry-after");
    return new Response(await response.text(), {
      status: response.status,
      headers: { "content-type": "application/json", ...(wait ? { "retry-after": wait } : {}) },
    });
  };
}

async function revokeItsWay(provider: Endpoints, token: string, { fetch, env }: OutboundTools) {
  const { revocation, headers, token_headers, token_response } = provider.configuration_metadata;
  const { clientId, clientSecret } = oauthClient(provider, env);
  const isJson = revocation.format === "json";
  const isBearer = revocation.auth === "bearer";
  const parameters = isBearer ? {} : { [revocation.parameter]: token };
  const url = (provider.revocation_endpoint ?? "").replaceAll(
    "{client_id}",
    encodeURIComponent(clientId),
  );
  const response = await fetch(url, {
    method: revocation.method,
    headers: {
      ...headers,
      ...token_headers,
      "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
      authorization: isBearer ? `Bearer ${token}` : `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
    },
    body: isJson ? JSON.stringify(parameters) : String(new URLSearchParams(parameters)),
  });
  const text = await response.text();
  const said = token_response.ok_path ? atPath(parsed(text), token_response.ok_path) : undefined;
  // What is not there any more, or opens nothing, has been taken back.
  if (
    response.status === 404 ||
    (isBearer && response.status === 401) ||
    (response.ok && said !== false)
  ) {
    return;
  }
  const word = atPath(parsed(text), token_response.error_path);
  if (
    typeof word === "string" &&
    /^(invalid_auth|token_revoked|token_expired|not_authed)$/.test(word)
  ) {
    return;
  }
  throw oauthFailure(
    response.status === 429 || response.status >= 500 ? "provider_unavailable" : "request_refused",
    provider.display_name,
    { cause: new Error(`Revoking failed with status ${response.status}`) },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
