import { z } from "zod";
import {
  type RecalledMemory,
  recalledMemory,
  recallMemoriesInput,
} from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Log } from "../log.ts";
import type { ToolCaller } from "../tools/tool.ts";

/** Most facts an agent is reminded of at once. */
const MOST_FACTS = 12;
/** More of a text tells no more of what it is about. */
const MOST_CHARACTERS = 4_000;

/**
 * What an agent remembers that matters for a text, of whom it may speak where it is said. A memory
 * that does not answer is none: the answer does not wait for it.
 */
export async function recallFacts(
  { agentId, userId, channelId, runStepId }: ToolCaller,
  text: string,
  { rpc, log }: { rpc: Rpc; log: Log },
): Promise<RecalledMemory[]> {
  if (!userId || !channelId) {
    return [];
  }
  try {
    const input = recallMemoriesInput.parse({
      p_agent_id: agentId,
      p_query: text.slice(0, MOST_CHARACTERS),
      p_user_id: userId,
      p_channel_id: channelId,
      // Others read what a task comes to, wherever it is posted.
      p_is_shared: Boolean(runStepId),
      p_limit: MOST_FACTS,
    });
    return z.array(recalledMemory).parse((await rpc("recall_memories", input)) ?? []);
  } catch (error) {
    log("warn", "nothing was recalled", { agent: agentId, error: describeError(error) });
    return [];
  }
}
