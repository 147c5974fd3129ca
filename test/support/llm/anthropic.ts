import { type LlmAnswer, type Protocol, textOf, words } from "./protocol.ts";

/** Anthropic's messages. */
export const anthropic: Protocol = {
  read(body) {
    const messages = (body.messages ?? []) as { role: string; content: unknown }[];
    const system = textOf(body.system ?? "");
    return {
      messages: [
        ...(system ? [{ role: "system", content: system }] : []),
        ...messages.map(({ role, content }) => ({ role, content: textOf(content) })),
      ],
      model: String(body.model),
      stream: body.stream === true,
      maxTokens: Number(body.max_tokens) || null,
      wantsUsage: true,
    };
  },
  whole(request, answer) {
    return {
      ...head(request.model),
      content: [{ type: "text", text: answer.text }],
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

function head(model: string) {
  return { id: "msg_scripted", type: "message", role: "assistant", model };
}

function stopReason({ finish }: LlmAnswer): string {
  return finish === "length" ? "max_tokens" : "end_turn";
}

function usage({ usage: tokens }: LlmAnswer) {
  return { input_tokens: tokens?.prompt ?? 0, output_tokens: tokens?.completion ?? 0 };
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
