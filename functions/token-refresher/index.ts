/** token-refresher: refreshes the tokens of connections before they end, and takes back consents. */
import { connectionTools } from "../_shared/connections/connection-tools.ts";
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { workOnTokens } from "./handler.ts";

export default {
  fetch: serveWorker(
    { name: "token-refresher", queue: "tokens", concurrency: 4 },
    (job, _, { queue, rpc, call }) =>
      workOnTokens(job, { ...connectionTools(rpc, call.platform, call.log), queue }),
  ),
};
