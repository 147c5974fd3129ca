/** media-processor: reads media into chunks and embeds them, within its budget. */
import { type WorkerResult, workerBody } from "../../types/schemas.ts";
import { callWaker } from "../_shared/call-waker.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { imageDescriber } from "../_shared/documents/describe-image.ts";
import { openDocument } from "../_shared/documents/open-document.ts";
import { embedder } from "../_shared/embeddings/find-embedder.ts";
import { meteredEmbedder } from "../_shared/embeddings/metered-embedder.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { drainQueue } from "../_shared/jobs/drain-queue.ts";
import { jobQueue } from "../_shared/jobs/job-queue.ts";
import { loadTokenizer } from "../_shared/tokens/count-tokens.ts";
import { handleMedia } from "./handler.ts";
import { storageObjects } from "./media-objects.ts";
import { mediaStore } from "./media-store.ts";

export default {
  fetch: serve(
    { name: "media-processor", auth: "secret" },
    denoPlatform(),
    async (request, call) => {
      const { budget_seconds } = await jsonBody(request, workerBody);
      const { env } = call.platform;
      const { log } = call;
      const rpc = clientRpc(call.admin, "service");
      const queue = jobQueue(rpc, "media");
      const objects = storageObjects(call.admin);
      const wake = callWaker(call);

      const { jobs, handedOver } = await drainQueue({
        queue,
        work: (job, { budget, lost }) =>
          handleMedia(job, {
            queue,
            store: mediaStore(rpc, job),
            objects,
            openDocument,
            findImageReader: (organizationId) => imageDescriber({ env, organizationId, rpc, log }),
            loadTokenizer,
            findEmbedder(organizationId) {
              const found = embedder(env);
              return found && meteredEmbedder(found, { organizationId }, { rpc, log });
            },
            signal: AbortSignal.any([budget.end, lost]),
            isSpent: budget.isSpent,
            log,
            now: () => performance.now(),
          }),
        wakeNext: () => wake("media-processor"),
        log,
        worker: `media-processor ${call.correlationId}`,
        // Reading is work for the processor: where that is limited, a worker ends itself early.
        budgetSeconds: Math.min(budget_seconds, Number(env.MEDIA_WORKER_SECONDS) || budget_seconds),
      });
      const result: WorkerResult = {
        jobs: jobs.map(({ job, outcome }) => ({ id: job.id, kind: job.kind, outcome })),
        handed_over: handedOver,
      };
      return Response.json(result);
    },
  ),
};
