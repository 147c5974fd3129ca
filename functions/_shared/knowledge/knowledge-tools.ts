import type { Rpc } from "../database/rpc.ts";
import { findInDatastores } from "../datastores/find-in-datastores.ts";
import { embedder } from "../embeddings/find-embedder.ts";
import { outboundNetwork } from "../guard/outbound-network.ts";
import type { Platform } from "../http/platform.ts";
import type { Log } from "../log.ts";
import type { KnowledgeTools } from "./tools.ts";

/** What a search takes, as a function has it. `rpc` is the service's. */
export function knowledgeTools(
  rpc: Rpc,
  { platform, log, signal }: { platform: Platform; log: Log; signal: AbortSignal },
): KnowledgeTools {
  const network = outboundNetwork(platform);
  return {
    rpc,
    embedder: () => embedder(platform.env),
    findInDatastores: (agentId, question) =>
      findInDatastores(agentId, question, { rpc, log, network }),
    log,
    signal,
  };
}
