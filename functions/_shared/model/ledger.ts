import {
  type BeginModelCallInput,
  beginModelCallInput,
  finishModelCallInput,
  settledModelCall,
  uuid,
} from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Log } from "../log.ts";
import type { TokenUsage } from "./model-answer.ts";

/** How a call ended. */
export interface Settlement {
  status: "completed" | "failed" | "cancelled";
  usage: TokenUsage;
  error?: string;
}

/** One model call in the ledger `ai_agent_tasks`. */
export interface LedgerEntry {
  /** Counts one more attempt. */
  retried: () => void;
  /** Settles the call once; answers its cost in USD, null when the model has no known price. */
  settle: (settlement: Settlement) => Promise<number | null>;
}

/**
 * Enters a call into the ledger before it is made, which reserves its worst cost. Throws 402
 * `model_budget_exceeded` when the organization's month has no room for it.
 *
 * A settlement that cannot be written is logged, not thrown: the answer is there, and must not be
 * lost for its receipt.
 */
export async function enterCall(
  rpc: Rpc,
  call: BeginModelCallInput,
  log: Log,
  now: () => number = Date.now,
): Promise<LedgerEntry> {
  const begun = now();
  const id = uuid.parse(await rpc("begin_model_call", beginModelCallInput.parse(call)));
  let retries = 0;
  let settled: Promise<number | null> | undefined;

  async function write({ status, usage, error }: Settlement): Promise<number | null> {
    try {
      const row = await rpc(
        "finish_model_call",
        finishModelCallInput.parse({
          p_id: id,
          p_status: status,
          p_prompt_tokens: usage.promptTokens,
          p_completion_tokens: usage.completionTokens,
          p_latency_ms: Math.max(0, Math.round(now() - begun)),
          p_retry_count: retries,
          p_error: error?.slice(0, 2000) ?? null,
        }),
      );
      return settledModelCall.parse(row).cost_usd;
    } catch (error) {
      log("error", "a model call was not settled", { call: id, error: describeError(error) });
      return null;
    }
  }

  return {
    retried: () => {
      retries += 1;
    },
    settle: (settlement) => {
      settled ??= write(settlement);
      return settled;
    },
  };
}
