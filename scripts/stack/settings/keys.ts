import { randomBytes } from "node:crypto";
import { createVaultKey } from "../database/vault-key.ts";

/** The secrets of one stack. */
export interface Keys {
  /** `sb_publishable_…`: who holds it is `anon`. */
  publishableKey: string;
  /** `sb_secret_…`: who holds it is `service_role`. */
  secretKey: string;
  /** Signs the users' tokens. */
  jwtSecret: string;
  /** Encrypts Vault's secrets; without it they are lost. */
  vaultKey: string;
}

const names: Record<keyof Keys, string> = {
  publishableKey: "SUPABASE_PUBLISHABLE_KEY",
  secretKey: "SUPABASE_SECRET_KEY",
  jwtSecret: "JWT_SECRET",
  vaultKey: "VAULT_KEY",
};

/** The keys among these variables, and new random ones for those that are missing. */
export function keysFrom(variables: Record<string, string>): Keys {
  return {
    publishableKey: variables[names.publishableKey] || apiKey("publishable"),
    secretKey: variables[names.secretKey] || apiKey("secret"),
    jwtSecret: variables[names.jwtSecret] || randomBytes(32).toString("base64url"),
    vaultKey: variables[names.vaultKey] || createVaultKey(),
  };
}

/** The keys as variables. */
export function keyVariables(keys: Keys): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).map(([key, name]) => [name, keys[key as keyof Keys]]),
  );
}

function apiKey(type: "publishable" | "secret"): string {
  const random = randomBytes(24).toString("base64url").replace(/[-_]/g, "x");
  return `sb_${type}_${random.slice(0, 22)}_${random.slice(22, 30)}`;
}
