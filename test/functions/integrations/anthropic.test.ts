import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anthropicCapabilities } from "../../../functions/_shared/integrations/anthropic.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startAnthropic } from "../../support/providers/language-models.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const api_key = "sk-ant-api03-the-key-0123456789";
let anthropic: TestApi;

beforeAll(async () => {
  anthropic = await startAnthropic(api_key);
});
beforeEach(() => anthropic.forget());
afterAll(() => anthropic.close());

const ask = (input: unknown, credential: Record<string, unknown> = { api_key }) =>
  call(
    anthropicCapabilities,
    "anthropic_generate_text",
    input,
    contextFor(anthropic.url, { credential }),
  );

describe("anthropic_generate_text", () => {
  it("answers with the text, and what it took", async () => {
    const answer = await ask({ prompt: "Hello", instructions: "Be kind" });

    expect(answer).toEqual({
      text: "Be kind: Hello",
      model: "claude-haiku-4-5",
      is_whole: true,
      stopped_by: null,
      input_tokens: 8,
      output_tokens: 3,
    });
  });

  it("says that a text was cut", async () => {
    const answer = await ask({ prompt: "A long story", max_output_tokens: 1 });

    expect(answer).toMatchObject({ is_whole: false, stopped_by: "max_tokens" });
  });

  it("tells a refusal from an answer", async () => {
    const failure = await failureOf(ask({ prompt: "Something forbidden" }));

    expect(failure.code).toBe("provider_invalid_input");
  });

  it("says that there is no such model", async () => {
    const failure = await failureOf(ask({ prompt: "Hello", model: "unknown-1" }));

    expect(failure).toMatchObject({
      code: "provider_not_found",
      message: expect.stringContaining("unknown-1"),
    });
  });

  it("asks for a renewal when the key is refused", async () => {
    const failure = await failureOf(ask({ prompt: "Hello" }, { api_key: "sk-ant-gone" }));

    expect(failure.code).toBe("provider_unauthorized");
  });

  it("says that the provider is overloaded", async () => {
    const error = { type: "overloaded_error", message: "Overloaded" };
    anthropic.answerNext({ status: 529, json: { type: "error", error } });

    const failure = await failureOf(ask({ prompt: "Hello" }));

    expect(failure).toMatchObject({
      code: "provider_unavailable",
      message: expect.stringContaining("Overloaded"),
    });
  });
});
