import { z } from "zod";
import type { ClaimedJob } from "../../types/schemas.ts";
import type { ConnectionTools } from "../_shared/connections/connection-tools.ts";
import { refreshConnection } from "../_shared/connections/refresh-connection.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { JobQueue } from "../_shared/jobs/job-queue.ts";

/** What a refresher needs; tests give their own. */
export interface TokenRefresherTools extends ConnectionTools {
  queue: Pick<JobQueue, "complete" | "fail">;
}

const payload = z.looseObject({ connection_id: z.guid(), token_version: z.int() });

/**
 * Refreshes the tokens of one connection before they end. However that went, the job is done: what
 * may succeed later waits with the connection (`retry_at`), and the engine asks again then.
 */
export async function refreshToken(job: ClaimedJob, tools: TokenRefresherTools): Promise<string> {
  const parsed = payload.safeParse(job.payload);
  if (job.kind !== "refresh_token" || !parsed.success) {
    const error = `The queue of tokens cannot do this job of the kind ${job.kind}`;
    await tools.queue.fail(job, { error, permanent: true });
    return "failed";
  }
  const { connection_id, token_version } = parsed.data;
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
