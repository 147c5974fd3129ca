import { z } from "zod";
import { type Capability, defineCapability } from "./capability.ts";
import { keyApi } from "./key-api.ts";
import { ProviderError } from "./provider-error.ts";

const generateText = defineCapability({
  key: "anthropic_generate_text",
  input: z.strictObject({
    prompt: z.string().min(1).max(200_000),
    instructions: z.string().max(50_000).optional().describe("How the model has to answer."),
    model: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/)
      .default("claude-haiku-4-5"),
    max_output_tokens: z.int().min(1).max(32_000).default(2000),
  }),
  async execute({ prompt, instructions, model, max_output_tokens }, context) {
    const api = keyApi("Anthropic", context, (key) => ({ "x-api-key": key }));
    const { content, stop_reason, usage, ...said } = await api.json(answer, {
      method: "POST",
      path: "messages",
      headers: { "anthropic-version": "2023-06-01" },
      json: {
        model,
        max_tokens: max_output_tokens,
        ...(instructions ? { system: instructions } : {}),
        messages: [{ role: "user", content: prompt }],
      },
    });
    if (stop_reason === "refusal") {
      throw new ProviderError(
        "provider_invalid_input",
        "Anthropic's model refuses to answer this.",
        { hint: "Ask for something else." },
      );
    }
    const isWhole = stop_reason === "end_turn" || stop_reason === "stop_sequence";
    return {
      text: content.map(({ type, text }) => (type === "text" ? (text ?? "") : "")).join(""),
      model: said.model,
      is_whole: isWhole,
      stopped_by: isWhole ? null : stop_reason,
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
    };
  },
});

/** What agents can do at Anthropic, by its Messages API. */
export const anthropicCapabilities: readonly Capability[] = [generateText];

const answer = z.object({
  model: z.string(),
  stop_reason: z.string().nullable(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }),
});
