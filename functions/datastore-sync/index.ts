/** datastore-sync: brings stores outside to what their agents were given, within its budget. */
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { syncDatastore } from "./handler.ts";

export default {
  fetch: serveWorker(
    { name: "datastore-sync", queue: "datastores", concurrency: 4 },
    (job, context, { queue, rpc, call }) =>
      syncDatastore(job, context, {
        rpc,
        queue,
        network: outboundNetwork(call.platform),
        log: call.log,
      }),
  ),
};
