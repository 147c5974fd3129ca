/** search-knowledge: a user searches what an agent was given to know. */
import { searchKnowledgeBody } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { knowledgeTools } from "../_shared/knowledge/knowledge-tools.ts";
import { handleSearchKnowledge } from "./handler.ts";

export default {
  fetch: serve({ name: "search-knowledge", auth: "user" }, denoPlatform(), async (request, call) =>
    Response.json(
      await handleSearchKnowledge(await jsonBody(request, searchKnowledgeBody), {
        userId: call.userId ?? "",
        ...knowledgeTools(clientRpc(call.admin, "service"), { ...call, signal: request.signal }),
      }),
    ),
  ),
};
