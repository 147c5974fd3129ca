import { z } from "zod";
import { jsonObject, uuid } from "./scalars.ts";

const visibility = z.enum(["personal", "organization"]);
const provider = z.string().min(1).max(63);
const connectionName = z.string().trim().min(1).max(200);

/** Body of `oauth-start`: a user wants to connect an account, or to give a connection more scopes. */
export const oauthStartBody = z.strictObject({
  /** `service_providers.name`. */
  provider,
  organization_id: uuid,
  /** Scopes of `scopes_supported`; the provider's usual ones without them. */
  scopes: z.array(z.string().min(1).max(300)).max(50).optional(),
  visibility: visibility.optional(),
  connection_name: connectionName.optional(),
  /** Where the browser goes in the end: a page beneath SITE_URL or one of OAUTH_REDIRECT_URLS. */
  redirect_to: z.string().max(2000).optional(),
  /** One's own connection to renew; what it was granted is asked for again, with `scopes`. */
  connection_id: uuid.optional(),
});
export type OauthStartBody = z.infer<typeof oauthStartBody>;

/**
 * What `oauth-start` answers: where to send the browser. It comes back to `redirect_to` with
 * `?connection=<id>` or `?error=<code>`. A `&confirmation=<code>` is for `confirm_connection`, which
 * the page calls as the signed-in user: before, the connection is of no use.
 */
export const oauthStartResult = z.object({ authorization_url: z.url(), expires_at: z.string() });
export type OauthStartResult = z.infer<typeof oauthStartResult>;

/** Body of `connect-service`: an API key or a mail server, which is tried before it is kept. */
export const connectServiceBody = z.strictObject({
  provider,
  organization_id: uuid,
  /** As `configuration_metadata.credential_schema` of the provider says. */
  credential: jsonObject,
  visibility: visibility.optional(),
  connection_name: connectionName.optional(),
  /** One's own connection whose credential is replaced. */
  connection_id: uuid.optional(),
});
export type ConnectServiceBody = z.infer<typeof connectServiceBody>;

/** What `connect-service` answers: the connection, without what it holds. */
export const connectServiceResult = z.object({ connection: z.looseObject({ id: uuid }) });
export type ConnectServiceResult = z.infer<typeof connectServiceResult>;

/** Body of `disconnect-service`. */
export const disconnectServiceBody = z.strictObject({ connection_id: uuid });
export type DisconnectServiceBody = z.infer<typeof disconnectServiceBody>;

/** What `disconnect-service` answers. The connection is ended in any case. */
export const disconnectServiceResult = z.object({
  connection: z.looseObject({ id: uuid }),
  /** Whether the provider took the consent back. */
  revoked: z.boolean(),
  /**
   * Why it did not: `not_supported` (there is no way to, or nothing to take back),
   * `account_shared` (other connections live by the same consent), or the code of a failure. Then
   * people may take it back themselves, in the settings of their account there.
   */
  reason: z.string().nullable(),
});
export type DisconnectServiceResult = z.infer<typeof disconnectServiceResult>;
