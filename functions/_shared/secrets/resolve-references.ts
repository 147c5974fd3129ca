import { resolvedSecrets } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { findReferences, referredName } from "./find-references.ts";

/**
 * A copy of a configuration in which every `<x>_ref` also stands as `<x>`, with the value of the
 * organization's secret of that name or id: `{ api_key_ref: "mailer" }` gains `api_key`. A value
 * that was under `<x>` gives way. Without references the database is not asked.
 *
 * The copy is for the call that needs it: never store, log or answer it. `rpc` acts as the service,
 * and `organizationId` is that of the configuration's row, never one that a caller named.
 *
 * Errors: 404 `secret_not_found`, naming what is missing.
 */
export async function resolveReferences<T>(
  config: T,
  organizationId: string,
  rpc: Rpc,
): Promise<T> {
  const references = findReferences(config);
  if (references.length === 0) {
    return config;
  }
  const secrets = await rpc("resolve_organization_secrets", {
    p_organization_id: organizationId,
    p_references: references,
  });
  return filled(config, new Map(Object.entries(resolvedSecrets.parse(secrets)))) as T;
}

function filled(value: unknown, secrets: Map<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => filled(item, secrets));
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const entries = Object.entries(value);
  // fromEntries makes plain properties of all names, __proto__ included.
  return Object.fromEntries([
    ...entries.map(([name, item]) => [name, filled(item, secrets)]),
    ...entries.flatMap(([name, item]) => {
      const target = typeof item === "string" && item !== "" ? referredName(name) : null;
      return target === null ? [] : [[target, secrets.get(item)]];
    }),
  ]);
}
