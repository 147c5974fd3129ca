import {
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
} from "oauth4webapi";
import { HttpError } from "../errors/http-error.ts";
import type { ProviderMetadata } from "./provider.ts";

/** Our app at a provider, and the provider, as oauth4webapi takes them. */
export interface OAuthClient {
  server: AuthorizationServer;
  client: Client;
  clientAuth: ClientAuth;
  clientId: string;
  /** Null for an app without one. */
  clientSecret: string | null;
}

/** Where a provider is asked. */
export interface Endpoints {
  display_name: string;
  token_endpoint: string | null;
  revocation_endpoint?: string | null;
  configuration_metadata: ProviderMetadata;
}

/**
 * Our app at a provider: OAUTH_<client>_CLIENT_ID and OAUTH_<client>_CLIENT_SECRET.
 * Throws 503 `provider_not_configured`.
 */
export function oauthClient(
  { display_name, token_endpoint, revocation_endpoint, configuration_metadata }: Endpoints,
  env: Record<string, string | undefined>,
): OAuthClient {
  const { client, token_endpoint_auth_method: method } = configuration_metadata;
  const prefix = `OAUTH_${client ?? ""}`;
  const clientId = env[`${prefix}_CLIENT_ID`]?.trim();
  const clientSecret = env[`${prefix}_CLIENT_SECRET`]?.trim() || null;
  if (!client || !clientId || (method !== "none" && !clientSecret)) {
    throw new HttpError(503, "provider_not_configured", `${display_name} is not set up here.`, {
      hint: client
        ? `The operator registers an app there and sets ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET.`
        : "The operator corrects configuration_metadata.client of the service provider.",
    });
  }
  return {
    server: {
      // Nothing that an issuer signs is read, so its name does not matter.
      issuer: new URL(token_endpoint ?? "https://issuer.invalid").origin,
      ...(token_endpoint ? { token_endpoint } : {}),
      ...(revocation_endpoint ? { revocation_endpoint } : {}),
    },
    client: { client_id: clientId },
    clientAuth: !clientSecret
      ? None()
      : method === "client_secret_post"
        ? ClientSecretPost(clientSecret)
        : ClientSecretBasic(clientSecret),
    clientId,
    clientSecret,
  };
}
