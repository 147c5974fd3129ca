import { z } from "zod";
import { cutPage, pageInput, pageOutput } from "../page.ts";
import { organizationRow } from "../rows.ts";
import { assistantTool, reading } from "../tool.ts";

/** `list_organizations` */
export const listOrganizations = assistantTool({
  name: "list_organizations",
  title: "List organizations",
  description:
    "Lists the organizations that the user belongs to, newest first. Agents, tasks and messages " +
    "belong to one of them each; the current one is meant where none is named.",
  input: z.strictObject(pageInput),
  output: z.object({
    organizations: z.array(
      organizationRow.extend({
        role: z.string().nullable().describe("What the user is there."),
        is_current: z.boolean(),
      }),
    ),
    ...pageOutput,
  }),
  annotations: reading,
  async call(page, { store }) {
    const [found, current] = await Promise.all([
      store.organizations(page),
      store.currentOrganizationId(),
    ]);
    const { rows, next_cursor } = cutPage(found, page);
    const roles = await store.roles(rows.map(({ id }) => id));
    const organizations = rows.map((row) => ({
      ...row,
      role: roles.get(row.id) ?? null,
      is_current: row.id === current,
    }));
    return { organizations, next_cursor };
  },
});
