import { z } from "zod";
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

/** `can_run_agent`: whether the caller may run the agent. */
export const canRunAgentInput = z.object({ p_agent_id: uuid });
export type CanRunAgentInput = z.infer<typeof canRunAgentInput>;
