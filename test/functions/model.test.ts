import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../functions/_shared/model/generate.ts";
import type { ModelAnswer } from "../../functions/_shared/model/model-answer.ts";
import type { ModelFailure } from "../../functions/_shared/model/model-failure.ts";
import type { ModelRequest } from "../../functions/_shared/model/model-request.ts";
import { stream } from "../../functions/_shared/model/stream.ts";
import { type ScriptedLlm, startScriptedLlm } from "../support/llm/index.ts";
import { requestTo, settingsFor } from "./model-request.ts";

let llm: ScriptedLlm;
beforeAll(async () => {
  llm = await startScriptedLlm({ apiKey: "test-key-1234" });
});
afterAll(() => llm.close());

const asked = () => llm.requests.at(-1);

async function failureOf(promise: Promise<unknown>): Promise<ModelFailure> {
  return promise.then(
    () => expect.fail("The call should have failed"),
    (error) => error,
  );
}

async function streamed(request: ModelRequest): Promise<{ pieces: string[]; answer: ModelAnswer }> {
  const pieces: string[] = [];
  const parts = stream(request);
  for (;;) {
    const next = await parts.next();
    if (next.done) {
      return { pieces, answer: next.value };
    }
    pieces.push(next.value);
  }
}

describe.each(["openai-compatible", "anthropic"] as const)("a model by %s", (provider) => {
  const request = (content: string, more: Partial<ModelRequest> = {}) =>
    requestTo(llm, content, { settings: settingsFor(llm, { provider }), ...more });

  it("answers with its text, finish reason and usage", async () => {
    const answer = await generate(request("Hello there"));

    expect(answer).toMatchObject({
      text: "You said: Hello there",
      finishReason: "stop",
      model: "scripted",
      usage: { promptTokens: 7, completionTokens: 6 },
    });
  });

  it("streams the same answer in pieces", async () => {
    const { pieces, answer } = await streamed(request("Hello there"));

    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe("You said: Hello there");
    expect(answer).toMatchObject({
      text: "You said: Hello there",
      finishReason: "stop",
      usage: { promptTokens: 7, completionTokens: 6 },
    });
  });

  it("is told the most tokens, the temperature and the instructions", async () => {
    const answer = await generate(request("Count to nine", { maxTokens: 2, temperature: 0.3 }));

    expect(answer.text).toBe("You said:");
    expect(answer.finishReason).toBe("length");
    expect(asked()).toMatchObject({ maxTokens: 2, body: { temperature: 0.3 } });
    expect(asked()?.messages[0]).toEqual({ role: "system", content: "You are a test." });
  });

  it("says that the key is refused, without showing it", async () => {
    const settings = settingsFor(llm, { provider, apiKey: "wrong-key-5678" });

    const failure = await failureOf(generate(request("Hello", { settings })));

    expect(failure).toMatchObject({ code: "model_unauthorized", status: 502, retryable: false });
    expect(failure.message).toContain("[redacted]");
    expect(failure.message).not.toContain("wrong-key-5678");
  });

  it("tries again after 500 and counts it", async () => {
    let retries = 0;

    const answer = await generate(
      request(`Hello [[status 500 times=1 id=${provider}]]`, { onRetry: () => retries++ }),
    );

    expect(answer.text).toBe("You said: Hello");
    expect(retries).toBe(1);
  });

  it("fails when the stream is cut", async () => {
    const failure = await failureOf(streamed(request("One two three four [[cut after=4]]")));

    expect(failure).toMatchObject({ code: "model_bad_answer", retryable: true });
  });

  it("ends when the caller aborts, with the caller's reason", async () => {
    const caller = new AbortController();
    const reason = new Error("Gone");
    setTimeout(() => caller.abort(reason), 100);

    const error = await failureOf(generate(request("Hello [[stall]]", { signal: caller.signal })));

    expect(error).toBe(reason);
    await expect.poll(() => asked()?.aborted).toBe(true);
  });

  it("ends when it takes too long", async () => {
    const settings = settingsFor(llm, { provider, timeoutMs: 200 });

    const failure = await failureOf(generate(request("Hello [[stall]]", { settings })));

    expect(failure).toMatchObject({ code: "model_timeout", status: 504, retryable: true });
    expect(failure.message).toContain("0.2 s");
  });
});

describe("a model", () => {
  it("is asked again when retry-after has passed, and not before", async () => {
    const begun = Date.now();
    let retries = 0;

    const answer = await generate(
      requestTo(llm, "Wait [[status 429 retry-after=1 times=1]]", { onRetry: () => retries++ }),
    );

    expect(answer.text).toBe("You said: Wait");
    expect(retries).toBe(1);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
  });

  it("is left to the queue when retry-after is long", async () => {
    const failure = await failureOf(
      generate(requestTo(llm, "Wait [[status 429 retry-after=300]]")),
    );

    expect(failure).toMatchObject({
      code: "model_rate_limited",
      status: 503,
      retryable: true,
      retryAfterSeconds: 300,
    });
  });

  it("is given up after three further attempts", async () => {
    const before = llm.requests.length;

    const failure = await failureOf(generate(requestTo(llm, "Fail [[status 503 retry-after=0]]")));

    expect(failure).toMatchObject({ code: "model_unavailable", retryable: true });
    expect(llm.requests.length - before).toBe(4);
  });

  it("is not asked again when it refuses the request", async () => {
    const before = llm.requests.length;

    const failure = await failureOf(generate(requestTo(llm, "Fail [[status 400]]")));

    expect(failure).toMatchObject({ code: "model_refused", retryable: false });
    expect(failure.message).toContain("Told to answer 400");
    expect(llm.requests.length - before).toBe(1);
  });

  it("that is unknown is named", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Fail [[status 404]]")));

    expect(failure).toMatchObject({ code: "model_not_found", retryable: false });
    expect(failure.message).toContain("scripted");
  });

  it("that cannot be reached is a failure to try again", async () => {
    const settings = settingsFor(llm, { baseUrl: "http://127.0.0.1:9/v1", timeoutMs: 20_000 });

    const failure = await failureOf(generate(requestTo(llm, "Hello", { settings })));

    expect(failure).toMatchObject({ code: "model_unavailable", status: 502, retryable: true });
  });

  it("that answers with broken JSON is a failure to try again", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Hello [[malformed]]")));

    expect(failure).toMatchObject({ code: "model_bad_answer", retryable: true });
  });

  it("that is cut off in the middle is a failure to try again", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Hello [[cut]]")));

    expect(failure.retryable).toBe(true);
  });

  it("whose stream ends without a finish reason is a failure to try again", async () => {
    const failure = await failureOf(streamed(requestTo(llm, "One two [[end after=3]]")));

    expect(failure).toMatchObject({ code: "model_bad_answer", retryable: true });
  });

  it("that redirects is refused, for the redirect could lead anywhere", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Hello [[redirect]]")));

    expect(failure).toMatchObject({ code: "model_redirected", retryable: false });
  });

  it("that answers endlessly is cut off", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Hello [[huge 9000000]]")));

    expect(failure).toMatchObject({ code: "model_bad_answer", message: /too large/ });
  });

  it("that says nothing is a failure", async () => {
    const failure = await failureOf(generate(requestTo(llm, "Hello [[empty]]")));

    expect(failure).toMatchObject({ code: "model_empty_answer", retryable: true });
  });

  it("that sends no usage is counted by us", async () => {
    const { usage, text } = await generate(requestTo(llm, "Hello [[no-usage]]"));

    expect(usage).toEqual({ promptTokens: 17, completionTokens: text.length });
  });

  it("is asked for the usage of a stream", async () => {
    await streamed(requestTo(llm, "Hello"));

    expect(asked()?.wantsUsage).toBe(true);
  });

  it("needs no key when it asks for none", async () => {
    const open = await startScriptedLlm();

    const answer = await generate(
      requestTo(open, "Hello", { settings: settingsFor(open, { apiKey: null }) }),
    );
    await open.close();

    expect(answer.text).toBe("You said: Hello");
    expect(open.requests[0]?.headers.authorization).toBeUndefined();
  });
});
