import { z } from "zod";
import { uuid } from "./scalars.ts";

/** The protocols a model can be reached by. */
export const modelProviderName = z.enum(["openai-compatible", "anthropic"]);
export type ModelProviderName = z.infer<typeof modelProviderName>;

/** `set_model_provider` (permission `ai.manage`): the key goes to Vault and is never read back. */
export const setModelProviderInput = z.object({
  p_organization_id: uuid,
  p_provider: modelProviderName,
  p_model: z.string().min(1).max(200),
  p_api_key: z.string().min(1).max(4000),
  p_base_url: z.url({ protocol: /^https?$/ }).nullish(),
});
export type SetModelProviderInput = z.infer<typeof setModelProviderInput>;

/**
 * `get_model_provider`, `remove_model_provider`, `organization_model_usage` and, for the service
 * role, `model_provider_settings`.
 */
export const modelProviderInput = z.object({ p_organization_id: uuid });
export type ModelProviderInput = z.infer<typeof modelProviderInput>;

/** `model_provider_settings` (service role): an organization's own provider, secret included. */
export const modelProviderSettings = z.object({
  provider: modelProviderName,
  base_url: z.string().nullish(),
  api_key: z.string().nullish(),
  model: z.string(),
});
export type ModelProviderSettings = z.infer<typeof modelProviderSettings>;

/** `begin_model_call` (service role): reserves the call's worst cost, answers the ledger row's id. */
export const beginModelCallInput = z.object({
  p_organization_id: uuid,
  p_agent_id: uuid.nullable(),
  p_provider: z.string(),
  p_model: z.string(),
  p_prompt_tokens_estimate: z.int().nonnegative(),
  p_max_tokens: z.int().positive(),
  p_run_step_id: uuid.nullable().optional(),
  p_channel_id: uuid.nullable().optional(),
  p_user_id: uuid.nullable().optional(),
  p_timeout_seconds: z.int().positive().optional(),
});
export type BeginModelCallInput = z.infer<typeof beginModelCallInput>;

/** `finish_model_call` (service role): settles the reservation; answers the ledger row. */
export const finishModelCallInput = z.object({
  p_id: uuid,
  p_status: z.enum(["completed", "failed", "cancelled"]),
  p_prompt_tokens: z.int().nonnegative(),
  p_completion_tokens: z.int().nonnegative(),
  p_latency_ms: z.int().nonnegative(),
  p_retry_count: z.int().nonnegative(),
  p_error: z.string().nullish(),
});
export type FinishModelCallInput = z.infer<typeof finishModelCallInput>;

/** The part of a settled ledger row that functions use. Numeric columns may arrive as strings. */
export const settledModelCall = z.looseObject({
  id: uuid,
  cost_usd: z.coerce.number().nullable(),
});
export type SettledModelCall = z.infer<typeof settledModelCall>;
