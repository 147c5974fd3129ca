/** task-runner: drains the queue of task runs within its budget, then hands over. */
import { taskRunnerBody } from "../../types/schemas.ts";
import { earlierCalls } from "../_shared/agent/earlier-calls.ts";
import { findBackground } from "../_shared/agent/find-background.ts";
import { mediaOf } from "../_shared/agent/media-of.ts";
import { agentTools } from "../_shared/agent/tools.ts";
import { callWaker } from "../_shared/call-waker.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { outboundNetwork } from "../_shared/guard/outbound-network.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleTaskRunner } from "./handler.ts";
import { prepareRun } from "./prepare-run.ts";
import { taskQueue } from "./queue.ts";

export default {
  fetch: serve({ name: "task-runner", auth: "secret" }, denoPlatform(), async (request, call) => {
    const { log, platform, correlationId } = call;
    const { env } = platform;
    const network = outboundNetwork(platform);
    const rpcAs = (agentId?: string) => clientRpc(call.admin, "service", agentId);
    const rpc = rpcAs();
    const wake = callWaker(call);

    return Response.json(
      await handleTaskRunner(await jsonBody(request, taskRunnerBody), {
        queue: taskQueue(rpc),
        prepare: () =>
          prepareRun(
            { env, rpc, network },
            log,
            rpcAs,
            (caller, rpc) => agentTools(caller, rpc, { platform, log }),
            earlierCalls(call.admin),
            (work, rpc) =>
              findBackground(work, {
                rpc,
                log,
                mediaOf: (caller) => mediaOf(caller, rpc, { platform, log }),
              }),
          ),
        wakeNext: () => wake("task-runner"),
        log,
        worker: `task-runner ${correlationId}`,
      }),
    );
  }),
};
