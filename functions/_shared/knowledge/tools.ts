import type { Rpc } from "../database/rpc.ts";
import type { DatastoreQuery } from "../datastores/datastore.ts";
import type { FoundInDatastores } from "../datastores/find-in-datastores.ts";
import type { Embedder } from "../embeddings/embedder.ts";
import type { Log } from "../log.ts";

/** What a search takes; tests give their own. */
export interface KnowledgeTools {
  /** RPCs of the service. */
  rpc: Rpc;
  /** Null where none is configured; may throw where it is configured halfway. */
  embedder: () => Embedder | null;
  /** Asks the external stores that hold what the agent knows. */
  findInDatastores: (agentId: string, question: DatastoreQuery) => Promise<FoundInDatastores>;
  /** Counts the search for the organization, once it is known that the user may search there. */
  charge?: (organizationId: string) => Promise<void>;
  log: Log;
  signal: AbortSignal;
}
