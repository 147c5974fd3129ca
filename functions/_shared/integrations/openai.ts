import { z } from "zod";
import { type Capability, defineCapability } from "./capability.ts";
import { keyApi } from "./key-api.ts";
import { ProviderError } from "./provider-error.ts";

const generateText = defineCapability({
  key: "openai_generate_text",
  input: z.strictObject({
    prompt: z.string().min(1).max(200_000),
    instructions: z.string().max(50_000).optional().describe("How the model has to answer."),
    model: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/)
      .default("gpt-4.1-mini"),
    max_output_tokens: z
      .int()
      .min(16)
      .max(32_000)
      .default(2000)
      .describe("Includes what a reasoning model thinks."),
  }),
  async execute({ prompt, ...request }, context) {
    const api = keyApi("OpenAI", context, (key) => ({ authorization: `Bearer ${key}` }));
    const { status, output, error, incomplete_details, usage, model } = await api.json(answer, {
      method: "POST",
      path: "responses",
      // Nothing of it is kept at OpenAI for a later request.
      json: { ...request, input: prompt, store: false },
    });
    const parts = output.flatMap((item) => (item.type === "message" ? (item.content ?? []) : []));
    const refusal = parts.find(({ type }) => type === "refusal")?.refusal;
    if (status === "failed" || refusal) {
      throw new ProviderError(
        status === "failed" ? "provider_unavailable" : "provider_invalid_input",
        `OpenAI's model gives no answer: "${refusal ?? error?.message ?? "it failed"}".`,
        { hint: refusal ? "Ask for something else." : "Try again later." },
      );
    }
    return {
      text: parts.map(({ type, text }) => (type === "output_text" ? (text ?? "") : "")).join(""),
      model,
      is_whole: status === "completed",
      stopped_by: incomplete_details?.reason ?? null,
      input_tokens: usage?.input_tokens ?? null,
      output_tokens: usage?.output_tokens ?? null,
    };
  },
});

/** What agents can do at OpenAI, by its Responses API. */
export const openaiCapabilities: readonly Capability[] = [generateText];

const answer = z.object({
  status: z.string(),
  model: z.string(),
  error: z.object({ message: z.string() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.object({
      type: z.string(),
      content: z
        .array(
          z.object({
            type: z.string(),
            text: z.string().optional(),
            refusal: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
  usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }).nullish(),
});
