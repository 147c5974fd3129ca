import { type ClaimedJob, type WorkerResult, workerBody } from "../../../types/schemas.ts";
import { callWaker } from "../call-waker.ts";
import { clientRpc } from "../database/client-rpc.ts";
import type { Rpc } from "../database/rpc.ts";
import { denoPlatform } from "../http/deno-platform.ts";
import { jsonBody } from "../http/json-body.ts";
import { type Call, serve } from "../http/serve.ts";
import { drainQueue, type JobContext } from "./drain-queue.ts";
import { type JobQueue, jobQueue } from "./job-queue.ts";

/** A function that drains a queue. */
export interface Worker {
  name: string;
  queue: string;
  concurrency?: number;
}

/** What doing a job takes beside the job. */
export interface WorkerTools {
  queue: JobQueue;
  rpc: Rpc;
  call: Call;
}

/**
 * Serves a worker: the engine calls it with a secret key while its queue has work. `work` does one
 * job to its end (completes, fails or releases it) and says how it was left.
 */
export function serveWorker(
  worker: Worker,
  work: (job: ClaimedJob, context: JobContext, tools: WorkerTools) => Promise<string>,
): (request: Request) => Promise<Response> {
  const { name, queue: queueName, concurrency = 1 } = worker;

  return serve({ name, auth: "secret" }, denoPlatform(), async (request, call) => {
    const body = await jsonBody(request, workerBody);
    const rpc = clientRpc(call.admin, "service");
    const queue = jobQueue(rpc, queueName);
    const wake = callWaker(call);

    const { jobs, handedOver } = await drainQueue({
      queue,
      work: (job, context) => work(job, context, { queue, rpc, call }),
      wakeNext: () => wake(name),
      log: call.log,
      worker: `${name} ${call.correlationId}`,
      budgetSeconds: body.budget_seconds,
      concurrency,
    });
    const result: WorkerResult = {
      jobs: jobs.map(({ job, outcome }) => ({ id: job.id, kind: job.kind, outcome })),
      handed_over: handedOver,
    };
    return Response.json(result);
  });
}
