import { randomBytes } from "node:crypto";

/**
 * The setting in which a session carries Vault's key: 64 hexadecimal digits.
 * It comes with the start of the session, so neither a table nor a log line ever holds it.
 */
export const vaultKeySetting = "vault.session_key";

/** A new random key for Vault. */
export function createVaultKey(): string {
  return randomBytes(32).toString("hex");
}

/** Refuses what is no key before it reaches a command line of the server. */
export function requireVaultKey(key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new Error("Cannot use the Vault key: 64 lowercase hexadecimal digits are needed");
  }
  return key;
}
