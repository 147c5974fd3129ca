import { z } from "zod";
import { uuid } from "./scalars.ts";

/** What configurations call a secret. Never shaped like an id, which a reference may also be. */
export const secretName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
  .refine((name) => !uuid.safeParse(name).success, "A name is not an id");

/** A value to keep. It is measured in bytes, and stays exactly as given. */
export const secretValue = z
  .string()
  .refine((value) => value.trim() !== "", "A secret is not only white space")
  .refine((value) => new TextEncoder().encode(value).length <= 65_536, "At most 65536 bytes");

/** `create_organization_secret` (permission `secrets.manage`): the value is never read back. */
export const createOrganizationSecretInput = z.object({
  p_organization_id: uuid,
  p_name: secretName,
  p_value: secretValue,
  p_description: z.string().max(1000).nullish(),
});
export type CreateOrganizationSecretInput = z.infer<typeof createOrganizationSecretInput>;

/** `rotate_organization_secret` (permission `secrets.manage`). */
export const rotateOrganizationSecretInput = z.object({ p_secret_id: uuid, p_value: secretValue });
export type RotateOrganizationSecretInput = z.infer<typeof rotateOrganizationSecretInput>;

/**
 * `update_organization_secret` (permission `secrets.manage`): null leaves as it is, an empty
 * description clears it.
 */
export const updateOrganizationSecretInput = z.object({
  p_secret_id: uuid,
  p_name: secretName.nullish(),
  p_description: z.string().max(1000).nullish(),
});
export type UpdateOrganizationSecretInput = z.infer<typeof updateOrganizationSecretInput>;

/** `delete_organization_secret` (permission `secrets.manage`). */
export const deleteOrganizationSecretInput = z.object({ p_secret_id: uuid });
export type DeleteOrganizationSecretInput = z.infer<typeof deleteOrganizationSecretInput>;

/** `resolve_organization_secrets` (service role): references are names or ids. */
export const resolveOrganizationSecretsInput = z.object({
  p_organization_id: uuid,
  p_references: z.array(z.string()),
});
export type ResolveOrganizationSecretsInput = z.infer<typeof resolveOrganizationSecretsInput>;

/** What `resolve_organization_secrets` answers: each reference with its value. */
export const resolvedSecrets = z.record(z.string(), z.string());
export type ResolvedSecrets = z.infer<typeof resolvedSecrets>;
