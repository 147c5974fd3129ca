import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Log } from "../log.ts";
import { enterCall } from "../model/ledger.ts";
import type { Embedder } from "./embedder.ts";

/** For whom embeddings are made. */
export interface EmbeddingCaller {
  organizationId: string;
  /** Whose question it is; null where a medium is read. */
  agentId?: string | null;
  userId?: string | null;
}

/** Characters that make a token at most times; the provider counts them exactly. */
const CHARACTERS_PER_TOKEN = 3;

/**
 * Enters each call of an embedder into the ledger `ai_agent_tasks`, so that an organization's
 * budget holds for embeddings too: `embed` then throws 402 `model_budget_exceeded` or
 * `model_price_unknown` as well. What runs here costs nothing and is not entered.
 */
export function meteredEmbedder(
  embedder: Embedder,
  { organizationId, agentId = null, userId = null }: EmbeddingCaller,
  { rpc, log }: { rpc: Rpc; log: Log },
): Embedder {
  const { provider } = embedder;
  if (!provider) {
    return embedder;
  }
  return {
    ...embedder,
    async embed(texts, options) {
      if (texts.length === 0) {
        return [];
      }
      const characters = texts.reduce((sum, text) => sum + text.length, 0);
      const estimate = Math.ceil(characters / CHARACTERS_PER_TOKEN);
      const entry = await enterCall(
        rpc,
        {
          p_organization_id: organizationId,
          p_agent_id: agentId,
          p_user_id: userId,
          p_provider: provider,
          p_model: embedder.model,
          p_prompt_tokens_estimate: estimate,
          // An embedding has no answer in tokens, but the ledger wants a number.
          p_max_tokens: 1,
        },
        log,
      );
      let counted = 0;
      const settle = (status: "completed" | "failed" | "cancelled", error?: unknown) =>
        entry.settle({
          status,
          usage: {
            promptTokens: counted || (status === "completed" ? estimate : 0),
            completionTokens: 0,
          },
          ...(error === undefined ? {} : { error: describeError(error) }),
        });
      try {
        const embeddings = await embedder.embed(texts, {
          ...options,
          onUsage(tokens) {
            counted += tokens;
            options.onUsage?.(tokens);
          },
          onRetry() {
            entry.retried();
            options.onRetry?.();
          },
        });
        await settle("completed");
        return embeddings;
      } catch (error) {
        await settle(options.signal?.aborted ? "cancelled" : "failed", error);
        throw error;
      }
    },
  };
}
