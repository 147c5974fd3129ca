import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses). */
export async function startOpenAi(key: string): Promise<TestApi> {
  const app = new Hono();
  app.post("/v1/responses", async (c) => {
    if (c.req.header("authorization") !== `Bearer ${key}`) {
      const message = `Incorrect API key provided: ${c.req.header("authorization")?.slice(7)}.`;
      const error = { message, type: "invalid_request_error", code: "invalid_api_key" };
      return c.json({ error }, 401);
    }
    const { model, input, max_output_tokens, instructions } = await c.req.json();
    if (!model.startsWith("gpt-")) {
      const message = `The requested model '${model}' does not exist.`;
      const error = { message, type: "invalid_request_error", code: "model_not_found" };
      return c.json({ error }, 400);
    }
    const isCut = max_output_tokens < 20;
    const text = `${instructions ? `${instructions}: ` : ""}${input}`;
    return c.json({
      id: "resp_1",
      object: "response",
      model: `${model}-2025-04-14`,
      status: isCut ? "incomplete" : "completed",
      error: null,
      incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
      output: [
        { type: "reasoning", id: "rs_1", summary: [] },
        {
          type: "message",
          id: "msg_1",
          role: "assistant",
          content: [
            input.includes("forbidden")
              ? { type: "refusal", refusal: "I cannot help with that." }
              : { type: "output_text", text: text.slice(0, isCut ? 5 : 500), annotations: [] },
          ],
        },
      ],
      usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
    });
  });
  return serveProvider(app, "/v1");
}

/** Anthropic's Messages API (https://docs.anthropic.com/en/api/messages). */
export async function startAnthropic(key: string): Promise<TestApi> {
  const app = new Hono();
  const error = (type: string, message: string) => ({ type: "error", error: { type, message } });
  app.post("/v1/messages", async (c) => {
    if (c.req.header("x-api-key") !== key) {
      return c.json(error("authentication_error", "invalid x-api-key"), 401);
    }
    if (!c.req.header("anthropic-version")) {
      const message = "anthropic-version: header is required";
      return c.json(error("invalid_request_error", message), 400);
    }
    const { model, max_tokens, messages, system } = await c.req.json();
    if (typeof max_tokens !== "number") {
      return c.json(error("invalid_request_error", "max_tokens: Field required"), 400);
    }
    if (!model.startsWith("claude-")) {
      return c.json(error("not_found_error", `model: ${model}`), 404);
    }
    const [{ content }] = messages;
    const isCut = max_tokens < 5;
    return c.json({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content: [{ type: "text", text: `${system ? `${system}: ` : ""}${content}` }],
      stop_reason: content.includes("forbidden") ? "refusal" : isCut ? "max_tokens" : "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 8, output_tokens: 3 },
    });
  });
  return serveProvider(app, "/v1");
}
