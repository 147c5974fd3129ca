import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { databaseError } from "../errors/database-error.ts";
import { HttpError } from "../errors/http-error.ts";

const texts = z.record(z.string(), z.string());

/** What a provider does its own way: `service_providers.configuration_metadata`. */
export const providerMetadata = z.looseObject({
  api_base_url: z.string().optional(),
  headers: texts.default({}),
  /** How a key is shown: `from` names what of the credential goes there. */
  auth_header: z
    .union([
      z.looseObject({ scheme: z.literal("basic"), username: z.string(), from: z.string() }),
      z.looseObject({ name: z.string(), prefix: z.string().default(""), from: z.string() }),
    ])
    .optional(),
  /** Its id and secret are OAUTH_<client>_CLIENT_ID and OAUTH_<client>_CLIENT_SECRET. */
  client: z.string().optional(),
  pkce: z.boolean().default(true),
  scope_separator: z.string().default(" "),
  scope_parameter: z.string().default("scope"),
  default_scopes: z.array(z.string()).default([]),
  /** Granted without being named in the answer. */
  unreported_scopes: z.array(z.string()).default([]),
  /** Scope to the name that the answer has for it. */
  scope_aliases: texts.default({}),
  /** Stands before the names of scopes in some answers. */
  scope_prefix: z.string().optional(),
  /** Scope to those it includes. */
  implied_scopes: z.record(z.string(), z.array(z.string())).default({}),
  extra_authorization_params: texts.default({}),
  /** Whether each refresh token is good once: then losing an answer ends the connection. */
  rotates_refresh_tokens: z.boolean().default(false),
  token_endpoint_auth_method: z
    .enum(["client_secret_basic", "client_secret_post", "none"])
    .default("client_secret_basic"),
  token_request_format: z.enum(["form", "json"]).default("form"),
  token_headers: texts.default({}),
  /** Whether access tokens end; then one without a lifetime is taken to last an hour. */
  tokens_expire: z.boolean().default(false),
  /** Paths in the answer where they are not the usual ones; `metadata` is name to path. */
  token_response: z
    .looseObject({
      ok_path: z.string().optional(),
      error_path: z.string().default("error"),
      access_token_path: z.string().default("access_token"),
      refresh_token_path: z.string().default("refresh_token"),
      expires_in_path: z.string().default("expires_in"),
      scope_path: z.string().default("scope"),
      metadata: texts.default({}),
    })
    .prefault({}),
  revocation: z
    .looseObject({
      method: z.string().toUpperCase().default("POST"),
      /** How the request says who asks: the app, or the token that ends. */
      auth: z.enum(["client", "bearer"]).default("client"),
      format: z.enum(["form", "json"]).default("form"),
      /** The parameter that carries the token. */
      parameter: z.string().default("token"),
      /** Which of the tokens is taken back; the other goes with it. */
      revokes: z.enum(["access_token", "refresh_token"]).default("refresh_token"),
      /** `account`: takes back all that the account gave to the app. */
      scope: z.enum(["token", "account"]).default("token"),
    })
    .prefault({}),
  identity: z
    .looseObject({
      url: z.string(),
      method: z.string().toUpperCase().default("GET"),
      body: z.unknown().optional(),
      id_path: z.string(),
      name_path: z.string().optional(),
      scopes: z.array(z.string()).default([]),
    })
    .optional(),
  /** A bot of ours does the work: the variable of its token, and what it is bound to. */
  bot: z
    .looseObject({
      variable: z.string(),
      bound_to: z.string(),
      auth_header: z.unknown().optional(),
    })
    .optional(),
  credential_schema: z.looseObject({}).optional(),
  /** A certificate authority of the operator's own for mail servers, as PEM. */
  ca: z.string().optional(),
  /** The request that tries a key. */
  check: z
    .looseObject({ method: z.string().toUpperCase().default("GET"), path: z.string() })
    .optional(),
  /** Region to api_base_url. */
  regions: texts.default({}),
});
export type ProviderMetadata = z.output<typeof providerMetadata>;

/** A row of the catalogue, as far as connecting takes it. */
export const provider = z.object({
  id: z.guid(),
  name: z.string(),
  display_name: z.string(),
  provider_type: z.enum(["oauth", "api_key", "smtp", "internal"]),
  authorization_endpoint: z.string().nullable(),
  token_endpoint: z.string().nullable(),
  revocation_endpoint: z.string().nullable(),
  scopes_supported: z.array(z.looseObject({ scope: z.string() })),
  configuration_metadata: providerMetadata,
  is_active: z.boolean(),
});
export type Provider = z.output<typeof provider>;

/** Finds a provider by its name or its id; null when there is none. */
export type FindProvider = (key: { name: string } | { id: string }) => Promise<Provider | null>;

/** The catalogue, over a client that may read it. */
export function providerFinder(client: SupabaseClient): FindProvider {
  return async (key) => {
    const [[column, value] = ["name", ""]] = Object.entries(key);
    const { data, error, status } = await client
      .from("service_providers")
      .select(Object.keys(provider.shape).join(", "))
      .eq(column, value)
      .maybeSingle();
    if (error) {
      throw databaseError({ ...error, status }, "service");
    }
    return data && provider.parse(data);
  };
}

/** A provider that people may connect; 404 `provider_not_found` for all others. */
export async function connectableProvider(
  find: FindProvider,
  name: string,
  types: readonly Provider["provider_type"][],
): Promise<Provider> {
  const found = await find({ name });
  if (!found?.is_active || !types.includes(found.provider_type)) {
    throw new HttpError(404, "provider_not_found", "There is no such service to connect.", {
      hint: "Select from service_providers where is_active.",
    });
  }
  return found;
}
