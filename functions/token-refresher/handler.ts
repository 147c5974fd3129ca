import { z } from "zod";
import type { ClaimedJob } from "../../types/schemas.ts";
import type { ConnectionTools } from "../_shared/connections/connection-tools.ts";
import { refreshConnection } from "../_shared/connections/refresh-connection.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { JobQueue } from "../_shared/jobs/job-queue.ts";
import { revokeConsent } from "./revoke-consent.ts";

/** What a refresher needs; tests give their own. */
export interface TokenRefresherTools extends ConnectionTools {
  queue: Pick<JobQueue, "complete" | "fail">;
}

const tokenJob = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("refresh_token"),
    payload: z.looseObject({ connection_id: z.guid(), token_version: z.int() }),
  }),
  z.object({
    kind: z.literal("revoke_consent"),
    payload: z.looseObject({ consent_id: z.guid() }),
  }),
]);

/**
 * Refreshes the tokens of one connection before they end, or takes a consent back. However a
 * refresh went, its job is done: what may succeed later waits with the connection (`retry_at`), and
 * the engine asks again then.
 */
export async function workOnTokens(job: ClaimedJob, tools: TokenRefresherTools): Promise<string> {
  const parsed = tokenJob.safeParse(job);
  if (!parsed.success) {
    const error = `The queue of tokens cannot do this job of the kind ${job.kind}`;
    await tools.queue.fail(job, { error, permanent: true });
    return "failed";
  }
  if (parsed.data.kind === "revoke_consent") {
    return revokeConsent(job, parsed.data.payload.consent_id, tools);
  }
  const { connection_id, token_version } = parsed.data.payload;
  const outcome = await refresh(connection_id, token_version, tools);
  await tools.queue.complete(job);
  return outcome;
}

async function refresh(
  connectionId: string,
  tokenVersion: number,
  tools: TokenRefresherTools,
): Promise<string> {
  try {
    return (await refreshConnection(connectionId, { tokenVersion }, tools)).outcome;
  } catch (error) {
    if (error instanceof HttpError && error.code === "connection_not_found") {
      return "inactive";
    }
    throw error;
  }
}
