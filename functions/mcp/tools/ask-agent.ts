import { z } from "zod";
import {
  agentChatBody,
  answerCitation,
  modelUsage,
  toolCallRecord,
  uuid,
} from "../../../types/schemas.ts";
import { readAnswer } from "../read-answer.ts";
import { assistantTool, working } from "../tool.ts";

/** `ask_agent` */
export const askAgent = assistantTool({
  name: "ask_agent",
  title: "Ask an agent",
  description:
    "Says something to an agent and waits for its answer. It goes on in the user's private " +
    "conversation with the agent, which the agent remembers, or in a channel. The agent may use " +
    "the services it is connected to, with lasting effect.",
  input: z.strictObject({
    agent_id: uuid.describe("Of list_agents."),
    message: agentChatBody.shape.message.describe("In the user's name."),
    channel_id: uuid
      .optional()
      .describe("A channel to speak in, where others may read along; best left out."),
  }),
  output: z.object({
    answer: z.string(),
    channel_id: uuid,
    message_id: uuid.describe("Of the answer, as it is stored."),
    tool_calls: z.array(toolCallRecord).describe("What the agent used."),
    citations: z.array(answerCitation).describe("The passages of media that [n] in it names."),
    usage: modelUsage,
    cost_usd: z.number().nullable(),
  }),
  annotations: working,
  isLong: true,
  async call(input, { chat, report, signal }) {
    return readAnswer(await chat(input, signal), signal, report);
  },
  text: ({ answer }) => answer,
});
