/** storage-cleaner: removes what deleted organizations and users left, within its budget. */
import { storageCleanerBody } from "../../types/schemas.ts";
import { callWaker } from "../_shared/call-waker.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { jobQueue } from "../_shared/jobs/job-queue.ts";
import { handleStorageCleaner } from "./handler.ts";
import { objectStore } from "./object-store.ts";

export default {
  fetch: serve(
    { name: "storage-cleaner", auth: "secret" },
    denoPlatform(),
    async (request, call) => {
      const rpc = clientRpc(call.admin, "service");
      const wake = callWaker(call);

      return Response.json(
        await handleStorageCleaner(await jsonBody(request, storageCleanerBody), {
          queue: jobQueue(rpc, "storage"),
          objects: objectStore(rpc, call.admin),
          rpc,
          wakeNext: () => wake("storage-cleaner"),
          log: call.log,
          worker: `storage-cleaner ${call.correlationId}`,
        }),
      );
    },
  ),
};
