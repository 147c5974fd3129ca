import { type LlmAnswer, type LlmRequest, type Protocol, textOf, words } from "./protocol.ts";

/** OpenAI's chat completions. */
export const openai: Protocol = {
  read(body) {
    const messages = (body.messages ?? []) as { role: string; content: unknown }[];
    return {
      messages: messages.map(({ role, content }) => ({ role, content: textOf(content) })),
      model: String(body.model),
      stream: body.stream === true,
      maxTokens: Number(body.max_tokens ?? body.max_completion_tokens) || null,
      wantsUsage: (body.stream_options as { include_usage?: boolean })?.include_usage === true,
    };
  },
  whole(request, answer) {
    return {
      ...head(request, "chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: answer.text },
          finish_reason: answer.finish,
        },
      ],
      ...(answer.usage ? { usage: usage(answer) } : {}),
    };
  },
  pieces(request, answer) {
    const chunk = (choices: unknown[], more = {}) =>
      event({ ...head(request, "chat.completion.chunk"), choices, ...more });
    const delta = (delta: unknown, finish_reason: string | null = null) =>
      chunk([{ index: 0, delta, finish_reason }]);
    return [
      delta({ role: "assistant", content: "" }),
      ...words(answer.text).map((content) => delta({ content })),
      delta({}, answer.finish),
      ...(request.wantsUsage && answer.usage ? [chunk([], { usage: usage(answer) })] : []),
      "data: [DONE]\n\n",
    ];
  },
  error(status, message) {
    return { error: { message, type: "scripted", code: String(status) } };
  },
};

function head(request: LlmRequest, object: string) {
  return { id: "chatcmpl-scripted", object, created: 1_767_225_600, model: request.model };
}

function usage({ usage: tokens }: LlmAnswer) {
  const { prompt = 0, completion = 0 } = tokens ?? {};
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}

function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
