import {
  halves,
  type LlmAnswer,
  type LlmCall,
  type LlmRequest,
  type Protocol,
  textOf,
  words,
} from "./protocol.ts";

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
      tools: toolsOf(body),
      mayCallTools: toolsOf(body).length > 0 && body.tool_choice !== "none",
    };
  },
  whole(request, answer) {
    return {
      ...head(request, "chat.completion"),
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: answer.text || null,
            ...(answer.calls.length > 0 ? { tool_calls: answer.calls.map(toolCall) } : {}),
          },
          finish_reason: finishReason(answer),
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
      ...answer.calls.flatMap((call, index) => [
        delta({ tool_calls: [{ index, ...toolCall({ ...call, input: "" }) }] }),
        ...halves(call.input).map((text) =>
          delta({ tool_calls: [{ index, function: { arguments: text } }] }),
        ),
      ]),
      delta({}, finishReason(answer)),
      ...(request.wantsUsage && answer.usage ? [chunk([], { usage: usage(answer) })] : []),
      "data: [DONE]\n\n",
    ];
  },
  error(status, message) {
    return { error: { message, type: "scripted", code: String(status) } };
  },
};

function toolsOf({ tools }: Record<string, unknown>): string[] {
  return ((tools ?? []) as { function: { name: string } }[]).map((each) => each.function.name);
}

function toolCall({ id, name, input }: LlmCall) {
  return { id, type: "function", function: { name, arguments: input } };
}

function finishReason({ finish }: LlmAnswer): string {
  return finish === "calls" ? "tool_calls" : finish;
}

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
