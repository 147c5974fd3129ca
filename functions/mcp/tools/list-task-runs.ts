import { z } from "zod";
import { uuid } from "../../../types/schemas.ts";
import { HttpError } from "../../_shared/errors/http-error.ts";
import { cutPage, pageInput, pageOutput } from "../page.ts";
import { runRow } from "../rows.ts";
import { assistantTool, reading } from "../tool.ts";

/** `list_task_runs` */
export const listTaskRuns = assistantTool({
  name: "list_task_runs",
  title: "List the runs of a task",
  description:
    "Lists the times a task was done or is being done, newest first. get_task_run has the results.",
  input: z.strictObject({ task_id: uuid, ...pageInput }),
  output: z.object({ runs: z.array(runRow), ...pageOutput }),
  annotations: reading,
  async call({ task_id, ...page }, { store, charge }) {
    const organizationId = await store.organizationOfTask(task_id);
    if (!organizationId) {
      throw new HttpError(404, "task_not_found", "No task with that id.", {
        hint: "list_tasks has those that the user can reach.",
      });
    }
    await charge(organizationId);
    const { rows: runs, next_cursor } = cutPage(await store.runs(task_id, page), page);
    return { runs, next_cursor };
  },
});
