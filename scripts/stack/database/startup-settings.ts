import { requireVaultKey, vaultKeySetting } from "./vault-key.ts";

/** The settings with which each of our sessions starts, and to which `reset all` returns. */
export function startupSettings(vaultKey?: string): [name: string, value: string][] {
  return [
    ["TimeZone", "UTC"],
    ["search_path", '"$user",public,extensions'],
    ...(vaultKey ? [[vaultKeySetting, requireVaultKey(vaultKey)] satisfies [string, string]] : []),
  ];
}
