import { z } from "zod";
import { industry } from "./organizations.ts";
import { workerBody, workerResult } from "./queue.ts";
import { bigint, jsonObject, timestamp, uuid } from "./scalars.ts";

/** `update_organization`: null leaves a column as it is, an empty text clears it. */
export const updateOrganizationInput = z.object({
  p_organization_id: uuid,
  p_name: z.string().min(1).max(255).nullish(),
  p_slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(100)
    .nullish(),
  p_industry: industry.or(z.literal("")).nullish(),
  p_owner_email: z.string().max(320).nullish(),
  p_icon: z.string().max(2048).nullish(),
  p_color: z
    .string()
    .regex(/^(#[0-9a-f]{6})?$/i)
    .nullish(),
  p_specification: z.string().max(100_000).nullish(),
  p_settings: jsonObject.nullish(),
});
export type UpdateOrganizationInput = z.infer<typeof updateOrganizationInput>;

/** `organization_database_info`. */
export const organizationDatabaseInfoInput = z.object({ p_organization_id: uuid });
export type OrganizationDatabaseInfoInput = z.infer<typeof organizationDatabaseInfoInput>;

/** What `organization_database_info` answers. Tables of agents are named with their schema. */
export const organizationDatabaseInfo = z.object({
  organization_id: uuid,
  tables: z.array(z.object({ name: z.string(), rows: z.int(), bytes: z.int() })),
  rows: z.int(),
  bytes: z.int(),
  storage_bytes: z.int(),
  members: z.int(),
  agents: z.int(),
  last_activity_at: timestamp,
});
export type OrganizationDatabaseInfo = z.infer<typeof organizationDatabaseInfo>;

/** `delete_organization`: in 30 days, or at once when the name is its exact one. */
export const deleteOrganizationInput = z.object({
  p_organization_id: uuid,
  p_confirm_name: z.string().nullish(),
});
export type DeleteOrganizationInput = z.infer<typeof deleteOrganizationInput>;

/** `restore_organization`. */
export const restoreOrganizationInput = z.object({ p_organization_id: uuid });
export type RestoreOrganizationInput = z.infer<typeof restoreOrganizationInput>;

/** `delete_user_account`: in 30 days, or at once when the address is the caller's. */
export const deleteUserAccountInput = z.object({ p_confirm_email: z.string().nullish() });
export type DeleteUserAccountInput = z.infer<typeof deleteUserAccountInput>;

/**
 * What `delete_organization` and `delete_user_account` answer. `pending` can be taken back;
 * `deleting` cannot: there is much to delete, and the engine is at it.
 */
export const deletion = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending"), deletion_due_at: timestamp }),
  z.object({ status: z.literal("deleting"), deletion_due_at: timestamp }),
  z.object({ status: z.literal("deleted"), deletion_due_at: z.null() }),
]);
export type Deletion = z.infer<typeof deletion>;

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `delete_large_organization` (service role): does the job and ends it. */
export const deleteLargeOrganizationInput = z.object(lease);
export type DeleteLargeOrganizationInput = z.infer<typeof deleteLargeOrganizationInput>;

/** `delete_large_user` (service role): does the job and ends it. */
export const deleteLargeUserInput = z.object(lease);
export type DeleteLargeUserInput = z.infer<typeof deleteLargeUserInput>;

/** `stored_object_names` (service role): names below a folder, at any depth. */
export const storedObjectNamesInput = z.object({
  p_bucket: z.string().min(1),
  p_prefix: z.string().endsWith("/"),
  p_limit: z.int().positive().max(1000).optional(),
});
export type StoredObjectNamesInput = z.infer<typeof storedObjectNamesInput>;

/** Payload of a job `remove_objects`: everything below the folder goes. */
export const removeObjectsPayload = z.object({
  bucket: z.string().min(1),
  prefix: z.string().regex(/^[^/]+(\/[^/]+)*\/$/),
});
export type RemoveObjectsPayload = z.infer<typeof removeObjectsPayload>;

/** Body of `storage-cleaner`. */
export const storageCleanerBody = workerBody;
export type StorageCleanerBody = z.infer<typeof storageCleanerBody>;

/** What `storage-cleaner` answers. */
export const storageCleanerResult = workerResult.extend({ removed_objects: z.int() });
export type StorageCleanerResult = z.infer<typeof storageCleanerResult>;
