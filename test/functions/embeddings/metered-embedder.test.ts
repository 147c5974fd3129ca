import { describe, expect, it, vi } from "vitest";
import type { Embedder } from "../../../functions/_shared/embeddings/embedder.ts";
import { meteredEmbedder } from "../../../functions/_shared/embeddings/metered-embedder.ts";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";

const organizationId = "11111111-1111-4111-8111-111111111111";
const callId = "22222222-2222-4222-8222-222222222222";
const passage = { kind: "passage" } as const;

function paid(embed: Embedder["embed"]): Embedder {
  return { model: "m", dimensions: 384, provider: "openai-compatible", embed };
}

function ledger() {
  const rpc = vi.fn(
    async (name: string, _args?: unknown): Promise<unknown> =>
      name === "begin_model_call" ? callId : { id: callId, cost_usd: "0.01" },
  );
  return {
    rpc,
    log: vi.fn(),
    argumentsOf: (name: string) =>
      rpc.mock.calls.filter(([called]) => called === name).map(([, args]) => args),
  };
}

describe("an embedder in the ledger", () => {
  it("enters each call with what the provider counted", async () => {
    const { argumentsOf, ...deps } = ledger();
    const embedder = meteredEmbedder(
      paid(async (_texts, { onUsage, onRetry }) => {
        onRetry?.();
        onUsage?.(40);
        onUsage?.(2);
        return [[1]];
      }),
      { organizationId },
      deps,
    );

    expect(await embedder.embed(["some text"], passage)).toEqual([[1]]);

    expect(argumentsOf("begin_model_call")).toMatchObject([
      {
        p_organization_id: organizationId,
        p_agent_id: null,
        p_model: "m",
        p_provider: "openai-compatible",
      },
    ]);
    expect(argumentsOf("finish_model_call")).toMatchObject([
      { p_id: callId, p_status: "completed", p_prompt_tokens: 42, p_retry_count: 1 },
    ]);
  });

  it("counts by the text's length where the provider is silent", async () => {
    const { argumentsOf, ...deps } = ledger();
    const embedder = meteredEmbedder(
      paid(async () => [[1]]),
      { organizationId },
      deps,
    );

    await embedder.embed(["x".repeat(300)], passage);

    expect(argumentsOf("finish_model_call")).toMatchObject([{ p_prompt_tokens: 100 }]);
  });

  it("settles a failed call and throws what it threw", async () => {
    const { argumentsOf, ...deps } = ledger();
    const reason = new Error("down");
    const embedder = meteredEmbedder(
      paid(() => Promise.reject(reason)),
      { organizationId },
      deps,
    );

    await expect(embedder.embed(["x"], passage)).rejects.toBe(reason);

    expect(argumentsOf("finish_model_call")).toMatchObject([
      { p_status: "failed", p_prompt_tokens: 0, p_error: "Error: down" },
    ]);
  });

  it("asks no provider when the budget is exhausted", async () => {
    const embed = vi.fn();
    const refused = new HttpError(402, "model_budget_exceeded", "The monthly budget is exhausted");
    const rpc = vi.fn().mockRejectedValue(refused);
    const embedder = meteredEmbedder(paid(embed), { organizationId }, { rpc, log: vi.fn() });

    await expect(embedder.embed(["x"], passage)).rejects.toBe(refused);

    expect(embed).not.toHaveBeenCalled();
  });

  it("does not enter what runs without a provider, or has no text", async () => {
    const { rpc, log } = ledger();
    const local: Embedder = { model: "gte-small", dimensions: 384, embed: async () => [] };

    expect(meteredEmbedder(local, { organizationId }, { rpc, log })).toBe(local);
    expect(
      await meteredEmbedder(paid(vi.fn()), { organizationId }, { rpc, log }).embed([], passage),
    ).toEqual([]);

    expect(rpc).not.toHaveBeenCalled();
  });
});
