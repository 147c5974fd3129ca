import { runStep } from "../_shared/agent/run-step.ts";
import type { Log } from "../_shared/log.ts";
import type { ModelSettings } from "../_shared/model/model-settings.ts";
import { type ModelSources, resolveModel } from "../_shared/model/resolve-model.ts";
import { loadTokenizer } from "../_shared/tokens/count-tokens.ts";
import type { DoStep } from "./work-on-run.ts";

/** Does the steps of one run, with its model looked up once, when the first step needs it. */
export function prepareRun(sources: ModelSources, log: Log): DoStep {
  let settings: Promise<ModelSettings> | undefined;

  return async (run, step, signal) => {
    settings ??= resolveModel(run.organization_id, run.agent.model ?? null, sources);
    return runStep(run, step, {
      rpc: sources.rpc,
      log,
      settings: await settings,
      count: await loadTokenizer(),
      signal,
    });
  };
}
