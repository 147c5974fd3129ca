import type { BeginModelCallInput } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import type { Log } from "../log.ts";
import { generate } from "./generate.ts";
import { enterCall } from "./ledger.ts";
import type { ModelAnswer } from "./model-answer.ts";
import type { ModelRequest } from "./model-request.ts";

/** An answer and what it cost; null when the model has no known price. */
export interface PaidAnswer extends ModelAnswer {
  costUsd: number | null;
}

/** Asks a model for a whole answer, with its entry in the ledger settled whatever happens. */
export async function ask(
  request: ModelRequest,
  call: BeginModelCallInput,
  { rpc, log }: { rpc: Rpc; log: Log },
): Promise<PaidAnswer> {
  const entry = await enterCall(rpc, call, log);
  try {
    const answer = await generate({ ...request, onRetry: entry.retried });
    const costUsd = await entry.settle({ status: "completed", usage: answer.usage });
    return { ...answer, costUsd };
  } catch (error) {
    await entry.settle({
      status: request.signal?.aborted ? "cancelled" : "failed",
      usage: { promptTokens: 0, completionTokens: 0 },
      error: error instanceof Error ? error.message : String(error),
    });
    throw error;
  }
}
