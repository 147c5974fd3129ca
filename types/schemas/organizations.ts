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

/** `check_permission`: a denial is written to the audit log, once a minute. */
export const checkPermissionInput = z.object({
  p_organization_id: uuid,
  p_permission: z.string().min(1),
});
export type CheckPermissionInput = z.infer<typeof checkPermissionInput>;

/** `record_permission_denied` (service role): what an edge function knows of a refusal. */
export const recordPermissionDeniedInput = z.object({
  p_user_id: uuid,
  p_organization_id: uuid.nullish(),
  p_permission: z.string().nullish(),
  p_error: z.string().nullish(),
  p_function: z.string().nullish(),
});
export type RecordPermissionDeniedInput = z.infer<typeof recordPermissionDeniedInput>;
