import { modelProviderSettings } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { guardOutboundUrl, type ResolveHost } from "../guard/outbound-url.ts";
import type { ModelSettings } from "./model-settings.ts";
import { operatorSettings, timeoutMs } from "./operator-settings.ts";

/** What finding a model takes. */
export interface ModelSources {
  env: Record<string, string | undefined>;
  rpc: Rpc;
  resolveHost: ResolveHost;
}

/**
 * The model of an agent: its organization's own provider when it has one (key and address from
 * Vault; the address passes the guard at every use), else the operator's.
 */
export async function resolveModel(
  organizationId: string,
  agentModel: string | null,
  { env, rpc, resolveHost }: ModelSources,
): Promise<ModelSettings> {
  const answer = await rpc("model_provider_settings", { p_organization_id: organizationId });
  if (answer === null || answer === undefined) {
    return operatorSettings(env, agentModel);
  }
  const own = modelProviderSettings.parse(answer);
  if (own.base_url) {
    const allowLoopback = env.ENSEMBLE_ALLOW_LOOPBACK === "1";
    await guardOutboundUrl(own.base_url, { resolveHost, allowLoopback });
  }
  return {
    provider: own.provider,
    baseUrl: own.base_url ?? (own.provider === "openai-compatible" ? OPENAI : null),
    apiKey: own.api_key ?? null,
    model: agentModel ?? own.model,
    timeoutMs: timeoutMs(env),
  };
}

/** An organization that gives a key but no address means the protocol's home. */
const OPENAI = "https://api.openai.com/v1";
