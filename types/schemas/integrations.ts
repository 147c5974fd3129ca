import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

/** Who uses a connection: its owner, or everyone in the organization who may. */
export const connectionVisibility = z.enum(["personal", "organization"]);
/** `active`; `unconfirmed` before `confirm_connection`; or why it needs to be connected anew. */
export const connectionStatus = z.enum([
  "active",
  "unconfirmed",
  "expired",
  "error",
  "disconnected",
  "revoked",
]);
const connectionName = z.string().trim().min(1).max(200);

/** A connection as people see it: nothing in it leads to its tokens. */
export const connection = z.object({
  id: uuid,
  organization_id: uuid,
  user_id: uuid,
  service_provider_id: uuid,
  /** The name of the provider, as `gmail`. */
  provider: z.string(),
  provider_display_name: z.string(),
  credential_type: z.enum(["oauth", "api_key", "smtp"]),
  connection_name: z.string(),
  connection_status: connectionStatus,
  connection_metadata: jsonObject,
  visibility: connectionVisibility,
  account_id: z.string().nullable(),
  account_name: z.string().nullable(),
  scopes_granted: z.array(z.string()),
  token_version: z.int(),
  token_expires_at: timestamp.nullable(),
  last_used_at: timestamp.nullable(),
  last_error: z.string().nullable(),
  created_at: timestamp,
  updated_at: timestamp,
});
export type Connection = z.infer<typeof connection>;

/** `disconnect_service`, `can_manage_connection`: a connection of one's own, or a shared one. */
export const connectionInput = z.object({ p_connection_id: uuid });
export type ConnectionInput = z.infer<typeof connectionInput>;

/** `confirm_connection`: what the browser came back with from the provider, once. */
export const confirmConnectionInput = z.object({ p_connection_id: uuid, p_code: z.string() });
export type ConfirmConnectionInput = z.infer<typeof confirmConnectionInput>;

/** `set_connection_visibility`: for the owner alone. */
export const setConnectionVisibilityInput = z.object({
  p_connection_id: uuid,
  p_visibility: connectionVisibility,
});
export type SetConnectionVisibilityInput = z.infer<typeof setConnectionVisibilityInput>;

/** `rename_connection`. */
export const renameConnectionInput = z.object({
  p_connection_id: uuid,
  p_connection_name: connectionName,
});
export type RenameConnectionInput = z.infer<typeof renameConnectionInput>;

/** The SHA-256 of a state, in hex: the state itself is never kept. */
const stateHash = z.string().regex(/^[0-9a-f]{64}$/);

/** `create_oauth_state` (service role): a user is about to give consent. */
export const createOauthStateInput = z.object({
  p_state_hash: stateHash,
  p_user_id: uuid,
  p_organization_id: uuid,
  p_service_provider_id: uuid,
  /** The PKCE verifier; it waits in Vault. */
  p_code_verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/),
  p_scopes: z.array(z.string()).optional(),
  p_redirect_to: z.string().max(2000).nullish(),
  /** The connection that is renewed or given more scopes. */
  p_connection_id: uuid.nullish(),
  p_visibility: connectionVisibility.nullish(),
  p_connection_name: connectionName.nullish(),
  p_context: jsonObject.optional(),
  p_expires_in_seconds: z.int().min(1).max(600).optional(),
});
export type CreateOauthStateInput = z.infer<typeof createOauthStateInput>;

/** `consume_oauth_state` (service role): once. */
export const consumeOauthStateInput = z.object({ p_state_hash: stateHash });
export type ConsumeOauthStateInput = z.infer<typeof consumeOauthStateInput>;

/** What `consume_oauth_state` answers. */
export const oauthState = z.object({
  id: uuid,
  user_id: uuid,
  organization_id: uuid,
  service_provider_id: uuid,
  connection_id: uuid.nullable(),
  code_verifier: z.string(),
  scopes: z.array(z.string()),
  redirect_to: z.string().nullable(),
  visibility: connectionVisibility.nullable(),
  connection_name: z.string().nullable(),
  context: jsonObject,
  expires_at: timestamp,
  created_at: timestamp,
});
export type OauthState = z.infer<typeof oauthState>;

const savedConnection = {
  p_account_id: z.string().max(500).nullish(),
  p_account_name: z.string().nullish(),
  p_connection_name: z.string().nullish(),
  p_visibility: connectionVisibility.nullish(),
  p_connection_id: uuid.nullish(),
  p_metadata: jsonObject.optional(),
};

/** `save_oauth_connection` (service role): tokens of a user, for Vault. */
export const saveOauthConnectionInput = z.object({
  p_user_id: uuid,
  p_organization_id: uuid,
  p_service_provider_id: uuid,
  p_access_token: z.string().min(1),
  p_refresh_token: z.string().nullish(),
  p_scopes: z.array(z.string()).optional(),
  /** Null for a token without end. */
  p_expires_in_seconds: z.int().nullish(),
  ...savedConnection,
  /** Of the code for `confirm_connection`; null when the user is known to have consented. */
  p_confirmation_hash: stateHash.nullish(),
});
export type SaveOauthConnectionInput = z.infer<typeof saveOauthConnectionInput>;

/** `save_key_connection` (service role): a credential as the provider's `credential_schema` has it. */
export const saveKeyConnectionInput = z.object({
  p_user_id: uuid,
  p_organization_id: uuid,
  p_service_provider_id: uuid,
  p_credential: jsonObject,
  ...savedConnection,
});
export type SaveKeyConnectionInput = z.infer<typeof saveKeyConnectionInput>;

/** What `connection_credential` answers to functions: the only place where tokens come out. */
export const connectionCredential = connection.extend({
  connection_id: uuid,
  status: connectionStatus,
  scopes: z.array(z.string()),
  provider_type: z.enum(["oauth", "api_key", "smtp", "internal"]),
  provider_is_active: z.boolean(),
  token_endpoint: z.string().nullable(),
  configuration_metadata: jsonObject,
  /** Whether there is a refresh token. */
  is_refreshable: z.boolean(),
  /** Of an `oauth` connection. */
  access_token: z.string().optional(),
  /** Of an `api_key` or `smtp` connection. */
  credential: jsonObject.optional(),
});
export type ConnectionCredential = z.infer<typeof connectionCredential>;

/** What `revocation_credential` answers; null when the connection holds nothing. */
export const revocationCredential = z.object({
  connection_id: uuid,
  provider: z.string(),
  credential_type: z.literal("oauth"),
  revocation_endpoint: z.string().nullable(),
  configuration_metadata: jsonObject,
  access_token: z.string(),
  refresh_token: z.string().nullable(),
  /** Other connections live by the same consent: it is not to be taken back for all. */
  is_account_shared: z.boolean(),
});
export type RevocationCredential = z.infer<typeof revocationCredential>;

/** `lost_consent_credential`, `forget_lost_consent` (service role). */
export const lostConsentInput = z.object({ p_consent_id: uuid });
export type LostConsentInput = z.infer<typeof lostConsentInput>;

/** `claim_token_refresh` (service role): who refreshes? */
export const claimTokenRefreshInput = z.object({
  p_connection_id: uuid,
  /** The version of the token that ended or was rejected. */
  p_seen_token_version: z.int().nullish(),
  /** The provider refused the token before its end. */
  p_was_rejected: z.boolean().optional(),
  p_lease_seconds: z.int().min(1).max(300).optional(),
});
export type ClaimTokenRefreshInput = z.infer<typeof claimTokenRefreshInput>;

const refreshState = {
  connection_id: uuid,
  token_version: z.int(),
  token_expires_at: timestamp.nullable(),
  status: connectionStatus,
};

/** What `claim_token_refresh` answers. */
export const tokenRefreshClaim = z.discriminatedUnion("outcome", [
  z.object({
    ...refreshState,
    outcome: z.literal("claimed"),
    lease_token: uuid,
    leased_until: timestamp,
    refresh_token: z.string(),
    scopes: z.array(z.string()),
    provider: z.string(),
    token_endpoint: z.string(),
    /** Where tokens go that came too late. */
    revocation_endpoint: z.string().nullable(),
    configuration_metadata: jsonObject,
  }),
  z.object({ ...refreshState, outcome: z.literal("busy"), leased_until: timestamp }),
  z.object({ ...refreshState, outcome: z.literal("waiting"), retry_at: timestamp }),
  z.object({ ...refreshState, outcome: z.enum(["fresh", "not_refreshable", "inactive"]) }),
]);
export type TokenRefreshClaim = z.infer<typeof tokenRefreshClaim>;

/** `complete_token_refresh` (service role): what a refresh brought. */
export const completeTokenRefreshInput = z.object({
  p_connection_id: uuid,
  /** The version that was refreshed, as the claim said. */
  p_token_version: z.int(),
  p_access_token: z.string().min(1),
  /** Left out, the one there is stays. */
  p_refresh_token: z.string().nullish(),
  p_expires_in_seconds: z.int().nullish(),
  /** Left out, those granted stay. */
  p_scopes: z.array(z.string()).nullish(),
});
export type CompleteTokenRefreshInput = z.infer<typeof completeTokenRefreshInput>;

/** `fail_token_refresh` (service role): for good, or until a later time. */
export const failTokenRefreshInput = z.object({
  p_connection_id: uuid,
  p_lease_token: uuid,
  p_token_version: z.int(),
  /** A short name such as `invalid_grant`: never a token. */
  p_error: z.string(),
  p_is_permanent: z.boolean().optional(),
  p_retry_after_seconds: z.int().nullish(),
});
export type FailTokenRefreshInput = z.infer<typeof failTokenRefreshInput>;

// Bodies and answers of the functions that connect accounts.
export * from "./connection-functions.ts";
