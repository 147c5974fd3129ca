/** task-scheduler: what cron calls. Turns the engine once and wakes the workers it names. */
import { taskSchedulerBody } from "../../types/schemas.ts";
import { callWaker } from "../_shared/call-waker.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleTaskScheduler } from "./handler.ts";

export default {
  fetch: serve(
    { name: "task-scheduler", auth: "secret" },
    denoPlatform(),
    async (request, call) => {
      await jsonBody(request, taskSchedulerBody);
      const rpc = clientRpc(call.admin, "service");
      return Response.json(
        await handleTaskScheduler({ rpc, wake: callWaker(call), log: call.log }),
      );
    },
  ),
};
