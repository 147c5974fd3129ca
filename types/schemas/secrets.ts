import { z } from "zod";
import { uuid } from "./scalars.ts";

/** `create_vault_secret` (service role): answers the secret's Vault id. */
export const createVaultSecretInput = z.object({
  p_secret: z.string().min(1),
  p_name: z.string().min(1).nullish(),
  p_description: z.string().nullish(),
});
export type CreateVaultSecretInput = z.infer<typeof createVaultSecretInput>;

/** `vault_decrypt` (service role). */
export const vaultDecryptInput = z.object({ vault_id: uuid });
export type VaultDecryptInput = z.infer<typeof vaultDecryptInput>;

/** `update_vault_secret` (service role). */
export const updateVaultSecretInput = z.object({ p_vault_id: uuid, p_secret: z.string().min(1) });
export type UpdateVaultSecretInput = z.infer<typeof updateVaultSecretInput>;

/** `delete_vault_secret` (service role): answers whether there was one. */
export const deleteVaultSecretInput = z.object({ p_vault_id: uuid });
export type DeleteVaultSecretInput = z.infer<typeof deleteVaultSecretInput>;
