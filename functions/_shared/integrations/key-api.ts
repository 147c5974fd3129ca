import type { CapabilityContext } from "./capability.ts";
import { type ProviderApi, providerApi } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";

/** The API of a provider whose connections hold an `api_key`; its headers follow from the key. */
export function keyApi(
  provider: string,
  context: CapabilityContext,
  headers: (key: string) => Record<string, string>,
): ProviderApi {
  const key = context.credential?.api_key;
  if (typeof key !== "string" || key === "") {
    throw new ProviderError(
      "provider_unauthorized",
      `The connection to ${provider} has no API key.`,
      { hint: `Ask the connection's owner to connect ${provider} again.` },
    );
  }
  return providerApi(provider, context, headers(key));
}
