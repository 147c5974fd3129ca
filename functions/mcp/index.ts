/** mcp: an outside assistant works with a user's agents and tasks (Model Context Protocol). */

import { callWaker } from "../_shared/call-waker.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { CORRELATION_HEADER } from "../_shared/http/correlation-id.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { recordDenial } from "../_shared/http/record-denial.ts";
import { type Call, serve } from "../_shared/http/serve.ts";
import { knowledgeTools } from "../_shared/knowledge/knowledge-tools.ts";
import { searchKnowledge } from "../_shared/knowledge/search.ts";
import { chargeRequest } from "../_shared/quotas/charge-request.ts";
import agentChat from "../agent-chat/index.ts";
import { clientStore } from "./client-store.ts";
import { mcpDoor } from "./door.ts";
import { handleMcp } from "./handler.ts";
import type { Caller } from "./tool.ts";
import { assistantTools } from "./tools/index.ts";

const platform = denoPlatform();
const name = "mcp";

export default {
  fetch: mcpDoor(
    platform.env,
    serve({ name, auth: "user" }, platform, (request, call) => {
      const { admin, log, correlationId } = call;
      const service = clientRpc(admin, "service");
      const caller = callerOf(request, call);

      return handleMcp(request, {
        caller,
        tools: assistantTools,
        recordDenial: (error, organizationId) => {
          const denied = { userId: caller.userId, organizationId, door: name };
          platform.waitUntil(recordDenial(error, denied, service, log));
        },
        log,
        correlationId,
      });
    }),
  ),
};

function callerOf(request: Request, call: Call): Caller {
  const { client, admin, correlationId } = call;
  const userId = call.userId ?? "";
  const service = clientRpc(admin, "service");
  return {
    userId,
    store: clientStore(client, userId),
    rpc: clientRpc(client, "user"),
    charge: (organizationId) => chargeRequest(service, organizationId),
    // The whole way of a conversation, with the user's own token.
    chat: (body, signal) =>
      agentChat.fetch(
        new Request(new URL("/agent-chat", request.url), {
          method: "POST",
          headers: {
            authorization: request.headers.get("authorization") ?? "",
            "content-type": "application/json",
            [CORRELATION_HEADER]: correlationId,
          },
          body: JSON.stringify(body),
          signal,
        }),
      ),
    searchKnowledge: (search, charge, signal) =>
      searchKnowledge(
        { ...search, userId },
        { ...knowledgeTools(service, { ...call, signal }), charge },
      ),
    wake: callWaker(call),
  };
}
