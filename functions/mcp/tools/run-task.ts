import { z } from "zod";
import { type TaskInput, uuid } from "../../../types/schemas.ts";
import { runRow } from "../rows.ts";
import { assistantTool, working } from "../tool.ts";

/** `run_task` */
export const runTask = assistantTool({
  name: "run_task",
  title: "Run a task now",
  description:
    "Runs a task now, and answers the run at once, while it is still to be done. Follow it by " +
    "get_task_run. The task's agent may use the services it is connected to, with lasting effect.",
  input: z.strictObject({ task_id: uuid }),
  output: z.object({ run: runRow }),
  annotations: working,
  async call({ task_id }, { store, charge, rpc, wake }) {
    const organizationId = await store.organizationOfTask(task_id);
    if (organizationId) {
      await charge(organizationId);
    }
    // A task that the user does not see is refused by the database, in its words.
    const input: TaskInput = { p_task_id: task_id };
    const run = runRow.parse(await rpc("run_task_now", input));
    wake("task-runner");
    return { run };
  },
});
