import { describe, expect, it } from "vitest";
import { resolveModel } from "../../functions/_shared/model/resolve-model.ts";
import { nowhere } from "../support/internet/nowhere.ts";

const organization = "00000000-0000-4000-8000-000000000001";
const operator = {
  LLM_BASE_URL: "http://127.0.0.1:11434/v1",
  LLM_API_KEY: "operator-key",
  LLM_MODEL: "llama",
};

function resolve(
  env: Record<string, string>,
  own: unknown = null,
  agentModel: string | null = null,
  addresses = ["93.184.215.14"],
) {
  return resolveModel(organization, agentModel, {
    env,
    rpc: async () => own,
    network: {
      resolveHost: async () => addresses,
      connect: nowhere,
      allowLoopback: env.ENSEMBLE_ALLOW_LOOPBACK === "1",
    },
  });
}

describe("the model of an agent", () => {
  it("is the operator's, whose address is trusted", async () => {
    expect(await resolve(operator)).toMatchObject({
      provider: "openai-compatible",
      baseUrl: "http://127.0.0.1:11434/v1",
      apiKey: "operator-key",
      model: "llama",
      timeoutMs: 90_000,
    });
  });

  it.each([
    [{}, "LLM_BASE_URL and LLM_MODEL are not set"],
    [{ LLM_BASE_URL: "http://127.0.0.1:1/v1" }, "LLM_MODEL is not set"],
    [{ LLM_PROVIDER: "anthropic", LLM_MODEL: "claude" }, "LLM_API_KEY is not set"],
    [{ LLM_PROVIDER: "telepathy" }, "LLM_PROVIDER must be"],
    [{ LLM_BASE_URL: "nonsense", LLM_MODEL: "m" }, "LLM_BASE_URL is not a URL"],
  ])("is missing with %o", async (env, message) => {
    await expect(resolve(env as Record<string, string>)).rejects.toMatchObject({
      status: 503,
      code: "model_not_configured",
      retryable: false,
      message: expect.stringContaining(message),
    });
  });

  it("is the one the agent names", async () => {
    expect(await resolve(operator, null, "mistral")).toMatchObject({ model: "mistral" });
  });

  it("is refused when the operator offers others only", async () => {
    const env = { ...operator, LLM_MODELS: "qwen, mistral" };

    expect(await resolve(env, null, "mistral")).toMatchObject({ model: "mistral" });
    await expect(resolve(env, null, "gpt-5")).rejects.toMatchObject({ code: "model_not_allowed" });
  });

  it("is the organization's own where it has one", async () => {
    const own = {
      provider: "anthropic",
      base_url: "https://models.example.com/v1",
      api_key: "own-key",
      model: "claude",
    };

    expect(await resolve(operator, own)).toMatchObject({
      provider: "anthropic",
      baseUrl: "https://models.example.com/v1",
      apiKey: "own-key",
      model: "claude",
    });
  });

  it("is refused when the organization's address leads inside", async () => {
    const own = {
      provider: "openai-compatible",
      base_url: "https://inside.example.com/v1",
      api_key: "k",
      model: "m",
    };

    await expect(resolve(operator, own, null, ["10.0.0.1"])).rejects.toMatchObject({
      code: "url_not_allowed",
    });
  });

  it("may be on this machine only in the embedded stack", async () => {
    const own = {
      provider: "openai-compatible",
      base_url: "http://127.0.0.1:4321/v1",
      api_key: "k",
      model: "m",
    };

    await expect(resolve({}, own)).rejects.toMatchObject({ code: "url_not_allowed" });
    expect(await resolve({ ENSEMBLE_ALLOW_LOOPBACK: "1" }, own)).toMatchObject({ model: "m" });
  });
});
