import type { Rpc } from "../database/rpc.ts";
import { resolveReferences } from "../secrets/resolve-references.ts";

/**
 * The secret that a connection sends, fresh from Vault; null when it sends none. It is recorded that
 * it was read.
 *
 * Errors: 404 `secret_not_found`.
 */
export async function bearerOf(
  connection: { organization_id: string; secret_id: string | null },
  rpc: Rpc,
): Promise<string | null> {
  if (connection.secret_id === null) {
    return null;
  }
  const config: { bearer_ref: string; bearer?: string } = { bearer_ref: connection.secret_id };
  const { bearer } = await resolveReferences(config, connection.organization_id, rpc);
  return bearer?.trim() || null;
}
