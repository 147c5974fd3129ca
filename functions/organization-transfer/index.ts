/** organization-transfer: drains the queue of exports and imports. */
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { storageArchives } from "./archives.ts";
import { handleTransfer } from "./handler.ts";
import { transferStore } from "./transfer-store.ts";

export default {
  fetch: serveWorker(
    { name: "organization-transfer", queue: "transfers" },
    (job, { budget, lost }, { queue, rpc, call }) =>
      handleTransfer(job, {
        queue,
        store: transferStore(rpc, job),
        archives: storageArchives(call.admin),
        signal: AbortSignal.any([budget.end, lost]),
        log: call.log,
        now: () => new Date(),
      }),
  ),
};
