import { modelProviderSettings } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { outboundFetch } from "../guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import { guardOutboundUrl } from "../guard/outbound-url.ts";
import type { ModelSettings } from "./model-settings.ts";
import { operatorSettings, timeoutMs } from "./operator-settings.ts";

/** What finding a model takes. */
export interface ModelSources {
  env: Record<string, string | undefined>;
  rpc: Rpc;
  /** The guarded way out, for addresses that organizations give. */
  network: OutboundNetwork;
}

/**
 * The model of an agent: its organization's own provider when it has one (key and address from
 * Vault; every request to it passes the guard), else the operator's, who is trusted.
 */
export async function resolveModel(
  organizationId: string,
  agentModel: string | null,
  { env, rpc, network }: ModelSources,
): Promise<ModelSettings> {
  const answer = await rpc("model_provider_settings", { p_organization_id: organizationId });
  if (answer === null || answer === undefined) {
    return operatorSettings(env, agentModel);
  }
  const own = modelProviderSettings.parse(answer);
  if (own.base_url) {
    // Now, so that a bad address is refused before anything is stored or charged.
    await guardOutboundUrl(own.base_url, network);
  }
  const patience = timeoutMs(env);
  return {
    provider: own.provider,
    baseUrl: own.base_url ?? (own.provider === "openai-compatible" ? OPENAI : null),
    apiKey: own.api_key ?? null,
    model: agentModel ?? own.model,
    // A model may think in silence; whoever calls it keeps the time.
    fetch: outboundFetch(network, { timeoutMs: patience + SLACK_MS, idleMs: patience }),
    timeoutMs: patience,
  };
}

/** The call's own time is up first, and says so in its own words. */
const SLACK_MS = 5_000;

/** An organization that gives a key but no address means the protocol's home. */
const OPENAI = "https://api.openai.com/v1";
