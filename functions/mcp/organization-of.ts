import { uuid } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { ToolCall } from "./tool.ts";

/** Input of tools that look around in one organization. */
export const organizationInput = {
  organization_id: uuid
    .optional()
    .describe("Of list_organizations; without it the one that the user works in."),
};

/**
 * The organization a call is about, which is charged for it: the one named, the one that the user
 * works in, or their only one. Throws 404 `organization_not_found`, 400 `organization_missing`.
 */
export async function organizationOf(
  named: string | undefined,
  { store, charge }: ToolCall,
): Promise<string> {
  const id = named ?? (await store.currentOrganizationId()) ?? (await onlyOne(store));
  if (!id) {
    throw new HttpError(400, "organization_missing", "The user belongs to several organizations.", {
      hint: "Choose one of list_organizations, and name it in organization_id.",
    });
  }
  if (!(await store.seesOrganization(id))) {
    throw new HttpError(404, "organization_not_found", "No organization with that id.", {
      hint: "list_organizations has those that the user belongs to.",
    });
  }
  await charge(id);
  return id;
}

async function onlyOne(store: ToolCall["store"]): Promise<string | undefined> {
  const [first, ...others] = await store.organizations({ limit: 1 });
  return others.length === 0 ? first?.id : undefined;
}
