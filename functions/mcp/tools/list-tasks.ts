import { z } from "zod";
import { uuid } from "../../../types/schemas.ts";
import { organizationInput, organizationOf } from "../organization-of.ts";
import { cutPage, pageInput, pageOutput } from "../page.ts";
import { taskRow, taskStatus } from "../rows.ts";
import { assistantTool, reading } from "../tool.ts";

/** `list_tasks` */
export const listTasks = assistantTool({
  name: "list_tasks",
  title: "List tasks",
  description:
    "Lists the tasks of an organization that the user sees, newest first: work that agents do on " +
    "a schedule, on events or by hand. Run one by run_task; list_task_runs has what came out.",
  input: z.strictObject({
    ...organizationInput,
    agent_id: uuid.optional().describe("Only those of this agent."),
    status: taskStatus.optional(),
    ...pageInput,
  }),
  output: z.object({ tasks: z.array(taskRow), ...pageOutput }),
  annotations: reading,
  async call({ organization_id, agent_id, status, ...page }, call) {
    const organizationId = await organizationOf(organization_id, call);
    const found = await call.store.tasks(organizationId, { agentId: agent_id, status }, page);
    const { rows: tasks, next_cursor } = cutPage(found, page);
    return { tasks, next_cursor };
  },
});
