/** disconnect-service: a user ends a connection, here and at the provider. */
import { disconnectServiceBody } from "../../types/schemas.ts";
import { connectionTools } from "../_shared/connections/connection-tools.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleDisconnectService } from "./handler.ts";

export default {
  fetch: serve(
    { name: "disconnect-service", auth: "user" },
    denoPlatform(),
    async (request, call) => {
      const body = await jsonBody(request, disconnectServiceBody, 10_000);

      return Response.json(
        await handleDisconnectService(body, {
          ...connectionTools(clientRpc(call.admin, "service"), call.platform, call.log),
          userRpc: clientRpc(call.client, "user"),
        }),
      );
    },
  ),
};
