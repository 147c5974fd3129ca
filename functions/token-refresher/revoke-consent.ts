import type { ClaimedJob } from "../../types/schemas.ts";
import { takeBack } from "../_shared/connections/take-back.ts";
import type { TokenRefresherTools } from "./handler.ts";

/** Failures that may pass by themselves. */
const PASSING = [
  "provider_unavailable",
  "provider_timeout",
  "client_refused",
  "provider_not_configured",
  "internal_error",
];

/**
 * Takes back a consent whose connection is gone, and forgets its tokens. A provider that is down is
 * asked again later, until the engine gives the consent up.
 */
export async function revokeConsent(
  job: ClaimedJob,
  consentId: string,
  tools: TokenRefresherTools,
): Promise<string> {
  const reason = await takeBack(
    () => tools.rpc("lost_consent_credential", { p_consent_id: consentId }),
    tools,
  );
  if (reason !== null && PASSING.includes(reason)) {
    await tools.queue.fail(job, { error: reason, permanent: false });
    return "retry";
  }
  await tools.rpc("forget_lost_consent", { p_consent_id: consentId });
  await tools.queue.complete(job);
  return reason ?? "revoked";
}
