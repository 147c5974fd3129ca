/** oauth-start: a user goes to connect an account; answers the provider's page of consent. */
import { oauthStartBody } from "../../types/schemas.ts";
import { connectionFinder } from "../_shared/connections/find-connection.ts";
import { providerFinder } from "../_shared/connections/provider.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleOauthStart } from "./handler.ts";

export default {
  fetch: serve({ name: "oauth-start", auth: "user" }, denoPlatform(), async (request, call) => {
    const body = await jsonBody(request, oauthStartBody, 20_000);

    return Response.json(
      await handleOauthStart(body, {
        userId: call.userId ?? "",
        userRpc: clientRpc(call.client, "user"),
        rpc: clientRpc(call.admin, "service"),
        findProvider: providerFinder(call.client),
        findConnection: connectionFinder(call.client),
        env: call.platform.env,
      }),
    );
  }),
};
