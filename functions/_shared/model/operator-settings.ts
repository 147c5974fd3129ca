import { modelProviderName } from "../../../types/schemas.ts";
import { ModelFailure } from "./model-failure.ts";
import type { ModelSettings } from "./model-settings.ts";

/** Seconds a model call may take; an operator can set 1 to 120 by LLM_TIMEOUT_SECONDS. */
const TIMEOUT_SECONDS = 90;

/**
 * The operator's model, from the environment: LLM_PROVIDER (openai-compatible or anthropic),
 * LLM_BASE_URL, LLM_API_KEY, LLM_MODEL, LLM_MODELS (further models that agents may name, separated
 * by commas; without it they may name any).
 *
 * Throws 503 `model_not_configured`, naming what is missing.
 */
export function operatorSettings(
  env: Record<string, string | undefined>,
  agentModel: string | null,
): ModelSettings {
  const provider = modelProviderName.safeParse(env.LLM_PROVIDER || "openai-compatible");
  if (!provider.success) {
    throw notConfigured("LLM_PROVIDER must be openai-compatible or anthropic");
  }
  const needed =
    provider.data === "anthropic"
      ? (["LLM_API_KEY", "LLM_MODEL"] as const)
      : (["LLM_BASE_URL", "LLM_MODEL"] as const);
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw notConfigured(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set`);
  }
  if (env.LLM_BASE_URL && !URL.canParse(env.LLM_BASE_URL)) {
    throw notConfigured("LLM_BASE_URL is not a URL");
  }
  return {
    provider: provider.data,
    baseUrl: env.LLM_BASE_URL || null,
    apiKey: env.LLM_API_KEY || null,
    model: allowedModel(env, agentModel),
    fetch: (input, init) => fetch(input, init),
    timeoutMs: timeoutMs(env),
  };
}

/** How long a call may take, in milliseconds. */
export function timeoutMs(env: Record<string, string | undefined>): number {
  const seconds = Number(env.LLM_TIMEOUT_SECONDS || TIMEOUT_SECONDS);
  return Math.min(Math.max(Number.isFinite(seconds) ? seconds : TIMEOUT_SECONDS, 1), 120) * 1000;
}

function allowedModel(env: Record<string, string | undefined>, agentModel: string | null): string {
  const standard = env.LLM_MODEL as string;
  const listed = env.LLM_MODELS?.split(",").map((name) => name.trim());
  if (!agentModel || agentModel === standard) {
    return standard;
  }
  if (listed && !listed.includes(agentModel)) {
    throw new ModelFailure(
      422,
      "model_not_allowed",
      `The agent names the model ${agentModel}, which this installation does not offer.`,
      { hint: "Clear the agent's model to use the default, or set the organization's provider." },
    );
  }
  return agentModel;
}

function notConfigured(reason: string): ModelFailure {
  return new ModelFailure(503, "model_not_configured", `No model is configured: ${reason}.`, {
    hint: "Set LLM_BASE_URL, LLM_API_KEY and LLM_MODEL for the functions, or call set_model_provider for the organization.",
  });
}
