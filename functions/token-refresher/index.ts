/** token-refresher: refreshes the tokens of connections before they end, within its budget. */
import { connectionTools } from "../_shared/connections/connection-tools.ts";
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { refreshToken } from "./handler.ts";

export default {
  fetch: serveWorker(
    { name: "token-refresher", queue: "tokens", concurrency: 4 },
    (job, _, { queue, rpc, call }) =>
      refreshToken(job, { ...connectionTools(rpc, call.platform, call.log), queue }),
  ),
};
