import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openaiCapabilities } from "../../../functions/_shared/integrations/openai.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startOpenAi } from "../../support/providers/language-models.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const api_key = "sk-proj-the-key-0123456789";
let openai: TestApi;

beforeAll(async () => {
  openai = await startOpenAi(api_key);
});
beforeEach(() => openai.forget());
afterAll(() => openai.close());

const ask = (input: unknown, credential: Record<string, unknown> = { api_key }) =>
  call(openaiCapabilities, "openai_generate_text", input, contextFor(openai.url, { credential }));

describe("openai_generate_text", () => {
  it("answers with the text, and what it took", async () => {
    const answer = await ask({ prompt: "Hello", instructions: "Be kind" });

    expect(answer).toEqual({
      text: "Be kind: Hello",
      model: "gpt-4.1-mini-2025-04-14",
      is_whole: true,
      stopped_by: null,
      input_tokens: 9,
      output_tokens: 4,
    });
    expect(JSON.parse(String(openai.requests[0]?.body))).toMatchObject({ store: false });
  });

  it("says that a text was cut", async () => {
    const answer = await ask({ prompt: "A long story", max_output_tokens: 16 });

    expect(answer).toMatchObject({ is_whole: false, stopped_by: "max_output_tokens" });
  });

  it("tells a refusal from an answer", async () => {
    const failure = await failureOf(ask({ prompt: "Something forbidden" }));

    expect(failure).toMatchObject({
      code: "provider_invalid_input",
      message: expect.stringContaining("I cannot help with that."),
    });
  });

  it("says that there is no such model", async () => {
    const failure = await failureOf(ask({ prompt: "Hello", model: "unknown-1" }));

    expect(failure.message).toContain("does not exist");
  });

  it("asks for a renewal when the key is refused, without repeating it", async () => {
    const wrong = "sk-proj-another-key-9876543210";
    const failure = await failureOf(ask({ prompt: "Hello" }, { api_key: wrong }));

    expect(failure.code).toBe("provider_unauthorized");
    expect(failure.message).not.toContain(wrong);
  });

  it("does not ask without a key", async () => {
    const failure = await failureOf(ask({ prompt: "Hello" }, {}));

    expect(failure.code).toBe("provider_unauthorized");
    expect(openai.requests).toEqual([]);
  });
});
