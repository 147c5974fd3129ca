import { fillTemplate } from "../_shared/connections/fill-template.ts";
import type { Provider, ProviderMetadata } from "../_shared/connections/provider.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { toProviderError } from "../_shared/integrations/provider-error.ts";

/**
 * Asks the provider something harmless with a key, to see whether it is taken.
 *
 * Throws 422 `credential_refused` with the provider's words, 502 or 503 when the provider cannot
 * say, or what the guard refuses with.
 */
export async function tryKey(
  { display_name: name, configuration_metadata: metadata }: Provider,
  credential: Record<string, unknown>,
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const { check, regions, headers } = metadata;
  if (!check) {
    return;
  }
  const base = regions[String(credential.region)] ?? metadata.api_base_url ?? "";
  const path = fillTemplate(check.path, credential, encodeURIComponent);
  const auth = authorization(metadata.auth_header, credential);
  const response = await fetch(`${base.replace(/\/+$/, "")}${path}`, {
    method: check.method,
    headers: { accept: "application/json", ...headers, ...auth },
  });
  if (response.ok) {
    await response.body?.cancel();
    return;
  }
  const secrets = Object.values(credential).filter((value) => typeof value === "string");
  const failure = await toProviderError(name, response, secrets);
  if (["provider_unavailable", "provider_rate_limited"].includes(failure.code)) {
    throw failure;
  }
  throw new HttpError(422, "credential_refused", failure.message, {
    hint: "Check the credential, and what it is allowed to do there. Nothing was saved.",
    cause: failure,
  });
}

function authorization(
  header: ProviderMetadata["auth_header"],
  credential: Record<string, unknown>,
): Record<string, string> {
  if (!header) {
    return {};
  }
  const secret = String(credential[header.from] ?? "");
  return "scheme" in header
    ? { authorization: `Basic ${btoa(`${header.username}:${secret}`)}` }
    : { [String(header.name)]: `${header.prefix}${secret}` };
}
