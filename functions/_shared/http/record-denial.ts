import type { RecordPermissionDeniedInput } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import type { HttpError } from "../errors/http-error.ts";
import type { Log } from "../log.ts";

/** Who was refused, by which function, and in which organization as far as that is known. */
export interface Denied {
  userId: string;
  organizationId: string | null;
  door: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Writes a refusal of the database to the audit log: what refused took its own record back. Never
 * fails, as the caller's answer does not depend on it.
 */
export async function recordDenial(
  error: HttpError,
  { userId, organizationId, door }: Denied,
  rpc: Rpc,
  log: Log,
): Promise<void> {
  const organization = error.deniedIn ?? organizationId;
  const denial: RecordPermissionDeniedInput = {
    p_user_id: userId,
    p_organization_id: organization && UUID.test(organization) ? organization : null,
    p_permission: permissionIn(error.hint),
    p_error: error.code,
    p_function: door,
  };
  try {
    await rpc("record_permission_denied", denial);
  } catch (failure) {
    log("warn", "denial not recorded", { error: describeError(failure) });
  }
}

/** Hints of the database say what a refused call takes. */
function permissionIn(hint: string | null): string | null {
  return /\bthe permission ([a-z_]+\.[a-z_]+)\b/.exec(hint ?? "")?.[1] ?? null;
}
