import { z } from "zod";
import type { Rpc } from "../database/rpc.ts";
import { providerMetadata } from "./provider.ts";

/** What `connection_credential` answers: a connection with what it holds. Never log it. */
export const connectionCredential = z.object({
  connection_id: z.guid(),
  organization_id: z.guid(),
  user_id: z.guid(),
  provider: z.string(),
  provider_display_name: z.string(),
  connection_name: z.string(),
  credential_type: z.enum(["oauth", "api_key", "smtp"]),
  status: z.string(),
  last_error: z.string().nullable(),
  access_token: z.string().nullish(),
  credential: z.record(z.string(), z.unknown()).nullish(),
  connection_metadata: z.record(z.string(), z.unknown()),
  scopes: z.array(z.string()),
  token_version: z.int(),
  token_expires_at: z.string().nullable(),
  configuration_metadata: providerMetadata,
});
export type ConnectionCredential = z.output<typeof connectionCredential>;

/** Errors: 404 `connection_not_found`, 409 `connection_not_active`. */
export async function readCredential(
  rpc: Rpc,
  connectionId: string,
): Promise<ConnectionCredential> {
  return connectionCredential.parse(
    await rpc("connection_credential", { p_connection_id: connectionId }),
  );
}
