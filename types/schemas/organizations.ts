import { z } from "zod";
import { uuid } from "./scalars.ts";

/** The industries an organization can name. */
export const industry = z.enum([
  "healthcare",
  "finance",
  "retail",
  "technology",
  "manufacturing",
  "other",
]);
export type Industry = z.infer<typeof industry>;

/** `create_organization`: the caller becomes its owner. */
export const createOrganizationInput = z.object({
  p_name: z.string().min(1).max(100),
  p_slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(100)
    .nullish(),
  p_industry: industry.nullish(),
});
export type CreateOrganizationInput = z.infer<typeof createOrganizationInput>;

/** `switch_organization`: what the caller creates next belongs there. */
export const switchOrganizationInput = z.object({ p_organization_id: uuid });
export type SwitchOrganizationInput = z.infer<typeof switchOrganizationInput>;

/** `my_permissions`: of the current organization when none is named. */
export const myPermissionsInput = z.object({ p_organization_id: uuid.nullish() });
export type MyPermissionsInput = z.infer<typeof myPermissionsInput>;
