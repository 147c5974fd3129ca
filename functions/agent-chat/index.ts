/** agent-chat: a user speaks with an agent; the answer comes as server-sent events. */
import { agentChatBody } from "../../types/schemas.ts";
import { findBackground } from "../_shared/agent/find-background.ts";
import { mediaOf } from "../_shared/agent/media-of.ts";
import { agentTools } from "../_shared/agent/tools.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { resolveModel } from "../_shared/model/resolve-model.ts";
import { loadTokenizer } from "../_shared/tokens/count-tokens.ts";
import { clientStore } from "./client-store.ts";
import { handleAgentChat } from "./handler.ts";

export default {
  fetch: serve({ name: "agent-chat", auth: "user" }, denoPlatform(), async (request, call) => {
    const { client, admin, userId, platform, log, correlationId } = call;
    const { env } = platform;
    const network = outboundNetwork(platform);
    const rpc = clientRpc(admin, "service");

    return handleAgentChat(await jsonBody(request, agentChatBody), {
      userId: userId ?? "",
      store: clientStore(client, admin),
      rpc,
      resolveModel: (agent) =>
        resolveModel(agent.organization_id, agent.model ?? null, {
          env,
          rpc: clientRpc(admin, "service", agent.id),
          network,
        }),
      toolsOf: (caller) =>
        agentTools(caller, clientRpc(admin, "service", caller.agentId), { platform, log }),
      backgroundOf: (work) => {
        const rpc = clientRpc(admin, "service", work.agent.id);
        return findBackground(work, {
          rpc,
          log,
          mediaOf: (caller) => mediaOf(caller, rpc, { platform, log }),
        });
      },
      loadTokenizer,
      waitUntil: (promise) => platform.waitUntil(promise),
      log,
      correlationId,
    });
  }),
};
