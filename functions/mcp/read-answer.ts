import {
  type AgentChatEvent,
  type AnswerCitation,
  agentChatEvent,
  errorBody,
  type ModelUsage,
  type ToolCallRecord,
} from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** A whole answer of an agent. */
export interface Answer {
  answer: string;
  channel_id: string;
  message_id: string;
  tool_calls: ToolCallRecord[];
  citations: AnswerCitation[];
  usage: ModelUsage;
  cost_usd: number | null;
}

/** What agent-chat refused: it has logged and recorded that already. */
export class ChatError extends HttpError {
  override name = "ChatError";
}

/** How often an answer that is being written is reported. */
const REPORT_MS = 1_000;

/**
 * Collects a stream of agent-chat. When the signal aborts, the stream is cancelled, and agent-chat
 * keeps what was said until then. Throws ChatError.
 */
export async function readAnswer(
  response: Response,
  signal: AbortSignal,
  report: (message: string) => Promise<void>,
): Promise<Answer> {
  if (!response.ok) {
    throw chatError(await response.json().catch(() => null), response.status);
  }
  const tool_calls: ToolCallRecord[] = [];
  let reportedAt = 0;
  for await (const event of eventsOf(response, signal)) {
    switch (event.event) {
      case "delta":
        if (Date.now() - reportedAt >= REPORT_MS) {
          reportedAt = Date.now();
          await report("The agent is writing.");
        }
        break;
      case "tool_call":
        await report(`The agent calls ${event.data.name}.`);
        break;
      case "tool_result": {
        const { text: _, is_truncated: __, ...record } = event.data;
        tool_calls.push(record);
        break;
      }
      case "done": {
        const { message, citations, usage, cost_usd } = event.data;
        const { id: message_id, channel_id, content: answer } = message;
        return { answer, channel_id, message_id, tool_calls, citations, usage, cost_usd };
      }
      case "error":
        throw chatError(event.data, 502);
    }
  }
  throw chatError(null, 502);
}

async function* eventsOf(
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<AgentChatEvent, void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const cancel = () => void reader?.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    for (let buffer = ""; reader; ) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const blocks = `${buffer}${value}`.split("\n\n");
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        // What is not known here, such as a comment that keeps the stream alive, is left out.
        const parsed = agentChatEvent.safeParse({ event, data: JSON.parse(data ?? "null") });
        if (parsed.success) {
          yield parsed.data;
        }
      }
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

function chatError(body: unknown, status: number): ChatError {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) {
    return new ChatError(status, "answer_broken_off", "The agent's answer broke off.", {
      hint: "Try again; the conversation has what was said until then.",
    });
  }
  const { code, message, details, hint } = parsed.data;
  return new ChatError(status, code, message, { details, hint });
}
