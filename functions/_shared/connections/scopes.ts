import { HttpError } from "../errors/http-error.ts";
import type { Provider, ProviderMetadata } from "./provider.ts";

/**
 * The scopes to ask for: those given, or the provider's usual ones, with what every connection
 * needs (to know the account, and to keep the access) and what an older connection has already.
 *
 * Throws 422 `scope_not_supported`.
 */
export function scopesToAsk(
  { scopes_supported, configuration_metadata: metadata, display_name }: Provider,
  asked: readonly string[] | undefined,
  held: readonly string[] = [],
): string[] {
  const supported = scopes_supported.map(({ scope }) => scope);
  const unknown = (asked ?? []).filter((scope) => !supported.includes(scope));
  if (unknown.length > 0) {
    throw new HttpError(
      422,
      "scope_not_supported",
      `${display_name} has no such scope here: ${unknown.join(", ")}.`,
      { hint: "scopes_supported of the service provider lists them." },
    );
  }
  const always = [...(metadata.identity?.scopes ?? []), ...metadata.unreported_scopes];
  return [...new Set([...always, ...held, ...(asked ?? metadata.default_scopes)])];
}

/** Some providers separate scopes by commas whatever they are sent. */
export function readScopes(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((scope) => scope !== ""))];
}

/**
 * The scopes that an answer grants, by the names of our catalogue, with all that they include. An
 * answer without scopes grants what was asked for (RFC 6749, section 5.1).
 */
export function scopesGranted(
  metadata: ProviderMetadata,
  asked: readonly string[],
  answered: readonly string[] | null,
): string[] {
  const { scope_aliases, scope_prefix, implied_scopes, unreported_scopes } = metadata;
  const names = new Map(Object.entries(scope_aliases).map(([name, alias]) => [alias, name]));
  const named = (answered ?? asked).map((scope) => {
    const bare =
      scope_prefix && scope.startsWith(scope_prefix) ? scope.slice(scope_prefix.length) : scope;
    return names.get(bare) ?? bare;
  });
  const granted = new Set([...named, ...asked.filter((one) => unreported_scopes.includes(one))]);
  // A set grows while it is gone through: what is included may include more.
  for (const scope of granted) {
    for (const included of implied_scopes[scope] ?? []) {
      granted.add(included);
    }
  }
  return [...granted];
}

/** What was asked for and not granted. */
export function scopesMissing(asked: readonly string[], granted: readonly string[]): string[] {
  return asked.filter((scope) => !granted.includes(scope));
}
