import { z } from "zod";
import { organizationInput, organizationOf } from "../organization-of.ts";
import { cutPage, pageInput, pageOutput } from "../page.ts";
import { agentRow } from "../rows.ts";
import { assistantTool, reading } from "../tool.ts";

/** `list_agents` */
export const listAgents = assistantTool({
  name: "list_agents",
  title: "List agents",
  description:
    "Lists the AI agents of an organization that the user sees, newest first. Speak with one by " +
    "ask_agent.",
  input: z.strictObject({
    ...organizationInput,
    name: z.string().trim().min(1).max(100).optional().describe("A part of the agent's name."),
    ...pageInput,
  }),
  output: z.object({ agents: z.array(agentRow), ...pageOutput }),
  annotations: reading,
  async call({ organization_id, name, ...page }, call) {
    const organizationId = await organizationOf(organization_id, call);
    const found = await call.store.agents(organizationId, name, page);
    const { rows: agents, next_cursor } = cutPage(found, page);
    return { agents, next_cursor };
  },
});
