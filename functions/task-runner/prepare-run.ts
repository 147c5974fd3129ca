import { type Background, noBackground } from "../_shared/agent/background.ts";
import type { EarlierCalls } from "../_shared/agent/earlier-calls.ts";
import type { Work } from "../_shared/agent/find-background.ts";
import { runStep } from "../_shared/agent/run-step.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import type { Log } from "../_shared/log.ts";
import type { ModelSettings } from "../_shared/model/model-settings.ts";
import { type ModelSources, resolveModel } from "../_shared/model/resolve-model.ts";
import { loadTokenizer } from "../_shared/tokens/count-tokens.ts";
import type { Tool, ToolCaller } from "../_shared/tools/tool.ts";
import type { DoStep } from "./work-on-run.ts";

/**
 * Does the steps of one run, with its model looked up once, when the first step needs it. What the
 * database is asked meanwhile is asked in the name of the run's agent.
 */
export function prepareRun(
  sources: ModelSources,
  log: Log,
  rpcAs: (agentId: string) => Rpc = () => sources.rpc,
  toolsOf: (caller: ToolCaller, rpc: Rpc) => Promise<Tool[]> = async () => [],
  earlierCalls: EarlierCalls = async () => [],
  backgroundOf: (work: Work, rpc: Rpc) => Promise<Background> = async () => noBackground(),
): DoStep {
  let settings: Promise<ModelSettings> | undefined;

  return async (run, step, signal) => {
    const rpc = rpcAs(run.agent.id);
    settings ??= resolveModel(run.organization_id, run.agent.model ?? null, { ...sources, rpc });
    return runStep(run, step, {
      rpc,
      log,
      settings: await settings,
      count: await loadTokenizer(),
      toolsOf: (caller) => toolsOf(caller, rpc),
      earlierCalls,
      backgroundOf: (work) => backgroundOf(work, rpc),
      signal,
    });
  };
}
