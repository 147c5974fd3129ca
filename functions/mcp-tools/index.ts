/** mcp-tools: a user connects an agent to tool servers, accepts what they offer, and tries it. */
import { mcpToolsBody } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleMcpTools } from "./handler.ts";
import { clientStore } from "./store.ts";

export default {
  fetch: serve({ name: "mcp-tools", auth: "user" }, denoPlatform(), async (request, call) =>
    Response.json(
      await handleMcpTools(await jsonBody(request, mcpToolsBody), {
        userId: call.userId ?? "",
        store: clientStore(call.client),
        userRpc: clientRpc(call.client, "user"),
        rpc: clientRpc(call.admin, "service"),
        network: outboundNetwork(call.platform),
        log: call.log,
        signal: request.signal,
      }),
    ),
  ),
};
