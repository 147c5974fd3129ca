/** audit-export: a user takes audit logs along, as CSV or as lines of JSON, in a stream. */
import { auditExportBody } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleAuditExport } from "./handler.ts";

export default {
  fetch: serve({ name: "audit-export", auth: "user" }, denoPlatform(), async (request, call) =>
    handleAuditExport(await jsonBody(request, auditExportBody), {
      rpc: clientRpc(call.client, "user"),
      service: clientRpc(call.admin, "service"),
      log: call.log,
    }),
  ),
};
