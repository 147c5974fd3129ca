/** connect-service: a user connects a service by its API key, or a mail server by its login. */
import { connectServiceBody } from "../../types/schemas.ts";
import { providerFetch } from "../_shared/connections/connection-tools.ts";
import { providerFinder } from "../_shared/connections/provider.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleConnectService } from "./handler.ts";

export default {
  fetch: serve({ name: "connect-service", auth: "user" }, denoPlatform(), async (request, call) => {
    const body = await jsonBody(request, connectServiceBody, 100_000);

    return Response.json(
      await handleConnectService(body, {
        userId: call.userId ?? "",
        userRpc: clientRpc(call.client, "user"),
        rpc: clientRpc(call.admin, "service"),
        findProvider: providerFinder(call.client),
        fetch: providerFetch(call.platform),
        network: outboundNetwork(call.platform),
        env: call.platform.env,
        log: call.log,
      }),
    );
  }),
};
