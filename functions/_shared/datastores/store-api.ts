import { type OutboundLimits, outboundFetch } from "../guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import { type ProviderApi, providerApi } from "../integrations/provider-api.ts";

/** The way to the servers of datastores. */
export interface StoreNetwork {
  network: OutboundNetwork;
  /** How long and how much a request may take; redirects are not followed. */
  limits?: Pick<OutboundLimits, "timeoutMs" | "idleMs" | "maxBytes">;
}

/** How a datastore is reached. */
export interface StoreAccess extends StoreNetwork {
  apiKey: string;
}

/**
 * The API of a store's provider, below `baseUrl`; every request ends with `signal`. Of what the
 * provider answers, the key is taken out.
 */
export function storeApi(
  provider: string,
  baseUrl: string,
  { network, limits, apiKey }: StoreAccess,
  headers: Record<string, string>,
  signal: AbortSignal,
): ProviderApi {
  const fetch = outboundFetch(network, {
    timeoutMs: 20_000,
    idleMs: 20_000,
    ...limits,
    maxRedirects: 0,
  });
  const context = {
    baseUrl,
    metadata: {},
    credential: { api_key: apiKey },
    fetch,
    network,
    signal,
  };
  return providerApi(provider, context, headers);
}
