import { z } from "zod";
import { answerCitation, toolCallRecord } from "./agents.ts";
import { errorBody } from "./errors.ts";
import { uuid } from "./scalars.ts";
import { chatMessage, MESSAGE_MAX_CHARACTERS } from "./workspaces.ts";

/** Body of `agent-chat`. Without a channel the caller's private conversation is used. */
export const agentChatBody = z.object({
  agent_id: uuid,
  message: z
    .string()
    .max(MESSAGE_MAX_CHARACTERS)
    .refine((text) => text.trim() !== "", "must not be empty"),
  channel_id: uuid.nullish(),
});
export type AgentChatBody = z.infer<typeof agentChatBody>;

/** Tokens one answer took, all questions to the model together. */
export const modelUsage = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
});
export type ModelUsage = z.infer<typeof modelUsage>;

/** Data of the event `message`: the caller's message as it was stored. */
export const agentChatMessageEvent = chatMessage;

/** Data of the event `delta`: the next piece of the answer. */
export const agentChatDeltaEvent = z.object({ text: z.string() });

/** Data of the event `tool_call`: the agent calls a tool; its result has the same id. */
export const agentChatToolCallEvent = z.object({
  id: z.string(),
  name: z.string(),
  /** What the tool is given, cut to 2,000 characters of JSON. */
  input: z.string(),
});

/** Data of the event `tool_result`; several calls may run at once, and end in any order. */
export const agentChatToolResultEvent = toolCallRecord.extend({
  /** What the agent is shown of it, cut to 2,000 characters. */
  text: z.string(),
  is_truncated: z.boolean(),
});

/**
 * Data of the event `done`: the answer as it was stored, and what it took. When tools were called,
 * the message's `metadata.tool_calls` says so, as `toolCallRecord`s; when it names passages of
 * media, `metadata.citations` has what is in `citations`.
 */
export const agentChatDoneEvent = z.object({
  message: chatMessage,
  /** Media and pages on which the answer is built, in the order in which it names them. */
  citations: z.array(answerCitation).default([]),
  usage: modelUsage,
  /** Null when the model has no known price. */
  cost_usd: z.number().nullable(),
});

/** Data of the event `error`: the stream ends with it. */
export const agentChatErrorEvent = errorBody;

/** One server-sent event of `agent-chat`. */
export const agentChatEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("message"), data: agentChatMessageEvent }),
  z.object({ event: z.literal("delta"), data: agentChatDeltaEvent }),
  z.object({ event: z.literal("tool_call"), data: agentChatToolCallEvent }),
  z.object({ event: z.literal("tool_result"), data: agentChatToolResultEvent }),
  z.object({ event: z.literal("done"), data: agentChatDoneEvent }),
  z.object({ event: z.literal("error"), data: agentChatErrorEvent }),
]);
export type AgentChatEvent = z.infer<typeof agentChatEvent>;
