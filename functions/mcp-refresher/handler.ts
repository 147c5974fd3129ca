import { type ClaimedJob, refreshMcpConnectionPayload } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { JobQueue } from "../_shared/jobs/job-queue.ts";
import type { McpDeps } from "../_shared/mcp/mcp-deps.ts";
import { refreshMcpConnection } from "../_shared/mcp/refresh-connection.ts";

/** What refreshing takes beside what speaking with servers does. */
export interface McpRefresherTools extends McpDeps {
  queue: Pick<JobQueue, "complete" | "fail">;
}

/**
 * Asks one server what it offers. A server that fails is written down as such and asked again at
 * its time; only what is our own fault is tried again as a job.
 */
export async function handleMcpRefresh(
  job: ClaimedJob,
  lost: AbortSignal,
  { queue, ...deps }: McpRefresherTools,
): Promise<"refreshed" | "failed" | "gone"> {
  const payload = refreshMcpConnectionPayload.safeParse(job.payload);
  if (job.kind !== "refresh_mcp_connection" || !payload.success) {
    const error = `The queue mcp cannot do this job of the kind ${job.kind}`;
    await queue.fail(job, { error, permanent: true });
    return "failed";
  }
  try {
    const connection = await refreshMcpConnection(payload.data.connection_id, deps, lost);
    await queue.complete(job);
    return connection ? "refreshed" : "gone";
  } catch (error) {
    if (lost.aborted || !(error instanceof HttpError) || isOurs(error)) {
      throw error;
    }
    deps.log("info", "a tool server was not refreshed", {
      connection: payload.data.connection_id,
      code: error.code,
    });
    await queue.complete(job);
    return "failed";
  }
}

function isOurs({ code }: HttpError): boolean {
  return ["database_unavailable", "internal_error", "lease_lost"].includes(code);
}
