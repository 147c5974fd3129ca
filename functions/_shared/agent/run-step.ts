import type { StartedRun, StartedRunStep, StepResult } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import type { Log } from "../log.ts";
import { ask } from "../model/ask.ts";
import type { ModelSettings } from "../model/model-settings.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import { stepPrompt } from "./step-prompt.ts";

/** What running a step takes. */
export interface StepTools {
  rpc: Rpc;
  log: Log;
  settings: ModelSettings;
  count: CountTokens;
  signal: AbortSignal;
}

/** A step's result and what it took. */
export interface StepOutcome {
  result: StepResult;
  promptTokens: number;
  completionTokens: number;
  costUsd: number;
}

/** Lets the run's agent do one step. */
export async function runStep(
  run: StartedRun,
  step: StartedRunStep,
  { rpc, log, settings, count, signal }: StepTools,
): Promise<StepOutcome> {
  const { agent } = run;
  const { prompt, tokens } = stepPrompt(run, step, count);

  const answer = await ask(
    {
      settings,
      prompt,
      promptTokens: tokens,
      maxTokens: agent.max_tokens,
      temperature: agent.temperature ?? null,
      signal,
      count,
    },
    {
      p_organization_id: run.organization_id,
      p_agent_id: agent.id,
      p_provider: settings.provider,
      p_model: settings.model,
      p_prompt_tokens_estimate: tokens,
      p_max_tokens: agent.max_tokens,
      p_run_step_id: step.id,
      p_channel_id: run.task.target_conversation_id ?? null,
      p_user_id: run.task.user_id ?? null,
    },
    { rpc, log },
  );
  return {
    result: { text: answer.text, model: answer.model, finish_reason: answer.finishReason },
    promptTokens: answer.usage.promptTokens,
    completionTokens: answer.usage.completionTokens,
    costUsd: answer.costUsd ?? 0,
  };
}
