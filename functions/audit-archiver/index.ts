/** audit-archiver: moves months of audit logs past their retention to Storage. */
import { serveWorker } from "../_shared/jobs/serve-worker.ts";
import { archiveStore } from "./archive-store.ts";
import { handleAuditArchiver } from "./handler.ts";

export default {
  fetch: serveWorker({ name: "audit-archiver", queue: "audit" }, (job, context, tools) =>
    handleAuditArchiver(job, context, {
      queue: tools.queue,
      rpc: tools.rpc,
      store: archiveStore(tools.call.admin),
      log: tools.call.log,
    }),
  ),
};
