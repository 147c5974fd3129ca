import { halves, type LlmAnswer, type Protocol, textOf, words } from "./protocol.ts";

/** Anthropic's messages. */
export const anthropic: Protocol = {
  read(body) {
    const messages = (body.messages ?? []) as { role: string; content: unknown }[];
    const system = textOf(body.system ?? "");
    return {
      messages: [
        ...(system ? [{ role: "system", content: system }] : []),
        ...messages.flatMap(spoken),
      ],
      model: String(body.model),
      stream: body.stream === true,
      maxTokens: Number(body.max_tokens) || null,
      wantsUsage: true,
      tools: toolsOf(body),
      mayCallTools:
        toolsOf(body).length > 0 && (body.tool_choice as { type?: string })?.type !== "none",
    };
  },
  whole(request, answer) {
    return {
      ...head(request.model),
      content: [
        ...(answer.text || answer.calls.length === 0 ? [{ type: "text", text: answer.text }] : []),
        ...answer.calls.map(({ id, name, input }) => ({
          type: "tool_use",
          id,
          name,
          input: parsed(input),
        })),
      ],
      stop_reason: stopReason(answer),
      stop_sequence: null,
      usage: usage(answer),
    };
  },
  pieces(request, answer) {
    const { input_tokens, output_tokens } = usage(answer);
    return [
      event("message_start", {
        message: {
          ...head(request.model),
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens, output_tokens: 1 },
        },
      }),
      event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      ...words(answer.text).map((text) =>
        event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
      ),
      event("content_block_stop", { index: 0 }),
      ...answer.calls.flatMap(({ id, name, input }, at) => [
        event("content_block_start", {
          index: at + 1,
          content_block: { type: "tool_use", id, name, input: {} },
        }),
        ...halves(input).map((partial_json) =>
          event("content_block_delta", {
            index: at + 1,
            delta: { type: "input_json_delta", partial_json },
          }),
        ),
        event("content_block_stop", { index: at + 1 }),
      ]),
      event("message_delta", {
        delta: { stop_reason: stopReason(answer), stop_sequence: null },
        usage: { output_tokens },
      }),
      event("message_stop", {}),
    ];
  },
  error(_status, message) {
    return { type: "error", error: { type: "scripted", message } };
  },
};

/** Results of tools come as the user's, each a block; here they are messages of their own. */
function spoken({ role, content }: { role: string; content: unknown }) {
  const blocks = Array.isArray(content) ? (content as { type: string; content?: unknown }[]) : [];
  const results = blocks.filter(({ type }) => type === "tool_result");
  const rest = Array.isArray(content) ? blocks.filter((each) => !results.includes(each)) : content;
  return [
    ...results.map((result) => ({ role: "tool", content: textOf(result.content) })),
    ...(results.length === 0 || textOf(rest) ? [{ role, content: textOf(rest) }] : []),
  ];
}

function toolsOf({ tools }: Record<string, unknown>): string[] {
  return ((tools ?? []) as { name: string }[]).map(({ name }) => name);
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input || "{}");
  } catch {
    return input;
  }
}

function head(model: string) {
  return { id: "msg_scripted", type: "message", role: "assistant", model };
}

function stopReason({ finish }: LlmAnswer): string {
  return { stop: "end_turn", length: "max_tokens", calls: "tool_use" }[finish];
}

function usage({ usage: tokens }: LlmAnswer) {
  return { input_tokens: tokens?.prompt ?? 0, output_tokens: tokens?.completion ?? 0 };
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
