import { outboundFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../../../functions/_shared/guard/outbound-network.ts";
import type {
  Capability,
  CapabilityContext,
} from "../../../functions/_shared/integrations/capability.ts";
import { ProviderError } from "../../../functions/_shared/integrations/provider-error.ts";
import { nodeConnect } from "../internet/node-connect.ts";

/** A way out that leads to this machine alone. */
export const loopback: OutboundNetwork = {
  allowLoopback: true,
  resolveHost: async () => [],
  connect: nodeConnect,
};

/** What a capability works with, through the guard of outbound requests. */
export function contextFor(
  baseUrl: string,
  more: Partial<CapabilityContext> = {},
): CapabilityContext {
  return {
    baseUrl,
    metadata: {},
    fetch: outboundFetch(loopback),
    network: loopback,
    signal: AbortSignal.timeout(10_000),
    ...more,
  };
}

/** Calls one of a provider's capabilities as an agent does: by its key, with input that is checked. */
export async function call(
  capabilities: readonly Capability[],
  key: string,
  input: unknown,
  context: CapabilityContext,
): Promise<unknown> {
  const capability = capabilities.find((each) => each.key === key);
  if (!capability) {
    throw new Error(`There is no capability ${key}`);
  }
  const answer = await capability.execute(capability.input.parse(input), context);
  return JSON.parse(JSON.stringify(answer));
}

/** What a call failed with. */
export async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error = await work.then(
    () => new Error("It did not fail"),
    (failure) => failure,
  );
  if (!(error instanceof ProviderError)) {
    throw error;
  }
  return error;
}
