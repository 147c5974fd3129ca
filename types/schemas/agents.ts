import { z } from "zod";
import { knowledgeCitation } from "./knowledge.ts";
import { jsonObject, uuid } from "./scalars.ts";

/** What a run or a conversation needs to know of its agent. */
export const agentSettings = z.object({
  id: uuid,
  name: z.string(),
  instructions: z.string().nullish(),
  /** Null means the configured default model. */
  model: z.string().nullish(),
  temperature: z.coerce.number().nullish(),
  /** Most tokens of one answer. */
  max_tokens: z.int().positive(),
  /** Most tokens of one prompt: instructions, history and message together. */
  context_window_size: z.int().positive(),
  config: jsonObject.nullish(),
});
export type AgentSettings = z.infer<typeof agentSettings>;

/** A call of a tool as it is kept beside an answer; more is in `tool_execution_logs`. */
export const toolCallRecord = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(["completed", "failed", "denied", "cancelled"]),
  duration_ms: z.int().nonnegative(),
  /** Why it was not completed. */
  error: z.string().optional(),
});
export type ToolCallRecord = z.infer<typeof toolCallRecord>;

/** A passage that an answer names: `number` is what stands in its text in square brackets. */
export const answerCitation = knowledgeCitation.extend({ number: z.int().positive() });
/** A passage that an answer names. */
export type AnswerCitation = z.infer<typeof answerCitation>;

/** `can_run_agent`: whether the caller may run the agent. */
export const canRunAgentInput = z.object({ p_agent_id: uuid });
export type CanRunAgentInput = z.infer<typeof canRunAgentInput>;
