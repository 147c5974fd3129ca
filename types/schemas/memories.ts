import { z } from "zod";
import { timestamp, uuid } from "./scalars.ts";

/** Whom a fact is about: the person an agent works for, or the workspace of an open channel. */
export const memorySubject = z.enum(["user", "workspace"]);
/** Whom a fact is about. */
export type MemorySubject = z.infer<typeof memorySubject>;

/** `remember_fact` (service role): keeps a fact, merged with what nearly says the same. */
export const rememberFactInput = z.object({
  p_agent_id: uuid,
  p_content: z.string().max(1000),
  p_about: memorySubject.optional(),
  p_user_id: uuid.nullish(),
  p_channel_id: uuid.nullish(),
  /** Kept when it is a message of that channel. */
  p_source_message_id: uuid.nullish(),
  /** From 0 to 1; 1 is a person's own word, so an agent's counts as 0.95 at most. */
  p_confidence: z.number().min(0).max(1).optional(),
  /** Null is never. */
  p_expires_at: timestamp.nullish(),
});
/** Arguments of `remember_fact`. */
export type RememberFactInput = z.infer<typeof rememberFactInput>;

/** `recall_memories` (service role): the facts that matter for a text, where it is said. */
export const recallMemoriesInput = z.object({
  p_agent_id: uuid,
  p_query: z.string(),
  p_user_id: uuid.nullish(),
  /** Where it is said: decides of whom one may speak there. */
  p_channel_id: uuid.nullish(),
  /** Whether others read it even where the channel is one person's: what a task comes to. */
  p_is_shared: z.boolean().optional(),
  p_limit: z.int().min(1).max(50).optional(),
});
/** Arguments of `recall_memories`. */
export type RecallMemoriesInput = z.infer<typeof recallMemoriesInput>;

/** One row of `recall_memories`. */
export const recalledMemory = z.object({
  memory_id: uuid,
  about: memorySubject,
  content: z.string(),
  confidence: z.coerce.number(),
  known_since: timestamp,
});
/** One row of `recall_memories`. */
export type RecalledMemory = z.infer<typeof recalledMemory>;

/** `forget_me`: deletes what agents know about the caller; without an agent, what all do. */
export const forgetMeInput = z.object({ p_agent_id: uuid.nullish() });
/** Arguments of `forget_me`. */
export type ForgetMeInput = z.infer<typeof forgetMeInput>;
