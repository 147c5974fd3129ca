import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

/** A message's longest content, in characters. */
export const MESSAGE_MAX_CHARACTERS = 100_000;

/** A row of `chat_messages`, as far as clients of agent-chat need it. */
export const chatMessage = z.looseObject({
  id: uuid,
  channel_id: uuid,
  user_id: uuid.nullable(),
  agent_id: uuid.nullable(),
  content: z.string(),
  message_type: z.string(),
  metadata: jsonObject,
  created_at: timestamp,
});
export type ChatMessage = z.infer<typeof chatMessage>;

/** `open_agent_conversation`: the caller's private channel with an agent, made on first use. */
export const openAgentConversationInput = z.object({ p_agent_id: uuid });
export type OpenAgentConversationInput = z.infer<typeof openAgentConversationInput>;

/** `post_agent_message` (service role, or who may run the agent and write in the channel). */
export const postAgentMessageInput = z.object({
  p_channel_id: uuid,
  p_agent_id: uuid,
  p_content: z.string().min(1).max(MESSAGE_MAX_CHARACTERS),
  p_message_type: z.string().default("text"),
  p_metadata: jsonObject.default({}),
});
export type PostAgentMessageInput = z.input<typeof postAgentMessageInput>;
