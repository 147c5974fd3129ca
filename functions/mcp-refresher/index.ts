/** mcp-refresher: asks tool servers what they offer, when their time has come. */
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { handleMcpRefresh } from "./handler.ts";

export default {
  fetch: serveWorker(
    { name: "mcp-refresher", queue: "mcp", concurrency: 4 },
    (job, { lost }, { queue, rpc, call }) =>
      handleMcpRefresh(job, lost, {
        queue,
        rpc,
        network: outboundNetwork(call.platform),
        log: call.log,
      }),
  ),
};
