import { z } from "zod";
import { agentSettings, answerCitation, toolCallRecord } from "./agents.ts";
import { bigint, jsonObject, uuid } from "./scalars.ts";

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `start_task_run` (service role): answers a started run, or null when nothing is to be done. */
export const startTaskRunInput = z.object(lease);
export type StartTaskRunInput = z.infer<typeof startTaskRunInput>;

/** What a step leaves behind. */
export const stepResult = z.looseObject({
  text: z.string(),
  model: z.string().optional(),
  finish_reason: z.string().optional(),
  /** The calls of tools in their order; left out when there were none. */
  tool_calls: z.array(toolCallRecord).optional(),
  /** The passages of media that the text names; left out when there are none. */
  citations: z.array(answerCitation).optional(),
});
export type StepResult = z.infer<typeof stepResult>;

/** One step of a started run, pinned when the run was made. */
export const startedRunStep = z.looseObject({
  id: uuid,
  step_order: z.int(),
  step_name: z.string(),
  instructions: z.string(),
  include_previous_context: z.boolean(),
  status: z.enum(["pending", "running", "completed", "failed", "skipped"]),
  result: stepResult.nullish(),
  retry_count: z.int().nullish(),
});
export type StartedRunStep = z.infer<typeof startedRunStep>;

/** A run as its worker sees it. */
export const startedRun = z.looseObject({
  run_id: uuid,
  organization_id: uuid,
  task: z.looseObject({
    id: uuid.nullish(),
    name: z.string(),
    description: z.string().nullish(),
    instructions: z.string().nullish(),
    target_conversation_id: uuid.nullish(),
    user_id: uuid.nullish(),
  }),
  agent: agentSettings,
  payload: z.unknown().optional(),
  steps: z.array(startedRunStep),
});
export type StartedRun = z.infer<typeof startedRun>;

/** `start_task_run_step` (service role). */
export const startTaskRunStepInput = z.object({ ...lease, p_run_step_id: uuid });
export type StartTaskRunStepInput = z.infer<typeof startTaskRunStepInput>;

/** `complete_task_run_step` (service role): the last step completes the run and its job. */
export const completeTaskRunStepInput = z.object({
  ...lease,
  p_run_step_id: uuid,
  p_result: jsonObject,
  p_prompt_tokens: z.int().nonnegative(),
  p_completion_tokens: z.int().nonnegative(),
  p_cost_usd: z.number().nonnegative(),
});
export type CompleteTaskRunStepInput = z.infer<typeof completeTaskRunStepInput>;

/** What follows a completed step. */
export const completedStepOutcome = z.enum(["continue", "completed", "cancelled"]);
export type CompletedStepOutcome = z.infer<typeof completedStepOutcome>;

/** `fail_task_run_step` (service role). */
export const failTaskRunStepInput = z.object({
  ...lease,
  p_run_step_id: uuid,
  p_error: z.string().min(1),
  p_retryable: z.boolean(),
  p_retry_after_seconds: z.int().nonnegative().nullish(),
});
export type FailTaskRunStepInput = z.infer<typeof failTaskRunStepInput>;

/** What follows a failed step: another attempt later, or a failed run. */
export const failedStepOutcome = z.enum(["retry", "failed", "cancelled"]);
export type FailedStepOutcome = z.infer<typeof failedStepOutcome>;

/** `tick` (service role): what one turn of the engine did, and which functions have work. */
export const tickResult = z.looseObject({
  leases_returned: z.int().optional(),
  runs_dispatched: z.int().optional(),
  /** Parts of the tick that failed, with their reasons. */
  errors: z.array(z.string()).optional(),
  functions: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)),
});
export type TickResult = z.infer<typeof tickResult>;
