/** oauth-callback: providers send browsers here, with a code or an error. */
import { connectionTools } from "../_shared/connections/connection-tools.ts";
import { providerFinder } from "../_shared/connections/provider.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleOauthCallback } from "./handler.ts";

export default {
  fetch: serve({ name: "oauth-callback", auth: "public" }, denoPlatform(), (request, call) =>
    handleOauthCallback(new URL(request.url), {
      ...connectionTools(clientRpc(call.admin, "service"), call.platform, call.log),
      findProvider: providerFinder(call.admin),
    }),
  ),
};
