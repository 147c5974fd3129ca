import type { StartedRun, StartedRunStep, StepResult } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import type { Log } from "../log.ts";
import { generate } from "../model/generate.ts";
import { enterCall } from "../model/ledger.ts";
import type { ModelSettings } from "../model/model-settings.ts";
import type { CountTokens } from "../tokens/count-tokens.ts";
import { distinctNames } from "./distinct-names.ts";
import type { EarlierCalls } from "./earlier-calls.ts";
import type { BackgroundOf } from "./find-background.ts";
import { reportLeftOut } from "./report-left-out.ts";
import type { Sources } from "./sources.ts";
import { stepPrompt } from "./step-prompt.ts";
import { type LoopAnswer, toolLoop } from "./tool-loop.ts";
import type { ToolsOf } from "./tools.ts";

/** What running a step takes. */
export interface StepTools {
  rpc: Rpc;
  log: Log;
  settings: ModelSettings;
  count: CountTokens;
  toolsOf: ToolsOf;
  earlierCalls: EarlierCalls;
  backgroundOf: BackgroundOf;
  signal: AbortSignal;
}

/** A step's result and what it took. */
export interface StepOutcome {
  result: StepResult;
  promptTokens: number;
  completionTokens: number;
  costUsd: number;
}

/** Lets the run's agent do one step, with the tools it may use for the owner of the task. */
export async function runStep(
  run: StartedRun,
  step: StartedRunStep,
  { rpc, log, settings, count, toolsOf, earlierCalls, backgroundOf, signal }: StepTools,
): Promise<StepOutcome> {
  const { agent } = run;
  const userId = run.task.user_id ?? null;
  const caller = { agentId: agent.id, userId, runStepId: step.id };
  const channelId = run.task.target_conversation_id ?? null;
  const [found, earlier, background] = await Promise.all([
    toolsOf(caller),
    earlierCalls(step.id),
    backgroundOf({
      agent,
      caller: { ...caller, channelId },
      question: `${step.step_name}: ${step.instructions}`,
      signal,
    }),
  ]);
  const offered = distinctNames([...background.tools, ...found]);
  const { prompt, tokens, tools } = stepPrompt(run, step, count, offered, earlier, background);
  reportLeftOut({ offered, usable: tools }, agent.id, log);

  const loop = toolLoop({
    request: {
      settings,
      prompt,
      promptTokens: tokens,
      maxTokens: agent.max_tokens,
      temperature: agent.temperature ?? null,
      signal,
      count,
    },
    tools,
    areToolsOptional: tools.every((tool) => background.tools.includes(tool)),
    contextTokens: agent.context_window_size,
    // biome-ignore lint/correctness/useYield: a step's answer comes whole.
    ask: async function* (request) {
      return await generate(request);
    },
    enter: (promptTokens) =>
      enterCall(
        rpc,
        {
          p_organization_id: run.organization_id,
          p_agent_id: agent.id,
          p_provider: settings.provider,
          p_model: settings.model,
          p_prompt_tokens_estimate: promptTokens,
          p_max_tokens: agent.max_tokens,
          p_run_step_id: step.id,
          p_channel_id: channelId,
          p_user_id: userId,
        },
        log,
      ),
    log,
  });
  return outcomeOf(await endOf(loop), background.sources);
}

function outcomeOf(
  { text, model, finishReason, usage, costUsd, calls }: LoopAnswer,
  sources: Sources,
): StepOutcome {
  const citations = sources.citedIn(text);
  return {
    result: {
      text,
      model,
      finish_reason: finishReason,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...(citations.length > 0 ? { citations } : {}),
    },
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    costUsd: costUsd ?? 0,
  };
}

async function endOf<T>(steps: AsyncGenerator<unknown, T>): Promise<T> {
  let next = await steps.next();
  while (!next.done) {
    next = await steps.next();
  }
  return next.value;
}
