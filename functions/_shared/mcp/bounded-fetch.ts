import { outboundFetch } from "../guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import { McpFailure } from "./mcp-failure.ts";
import { watched } from "./watched.ts";

/** What one session with a server may take. */
export interface McpLimits {
  /** From the first byte to the last answer. */
  timeoutMs: number;
  /** Largest answer; a session with several has four times as much. */
  maxBytes: number;
  /** Most requests: a server can ask us things, and each answer is a request of ours. */
  maxRequests: number;
}

/** What a server is listened to. */
export const MCP_LIMITS: McpLimits = { timeoutMs: 20_000, maxBytes: 1_000_000, maxRequests: 40 };

/** A fetch for one session. */
export interface BoundedFetch {
  fetch: typeof fetch;
  /** Settles once the word that a request was cancelled is sent, or cannot be. */
  farewell: () => Promise<unknown>;
}

/**
 * The guarded way to a server, as the SDK's transport takes it: within the session's bounds, and
 * without the stream that the transport would keep open for what nobody asked for. What fails is
 * told to `onFailure` as well, since the transport keeps it to itself once an answer has begun.
 */
export function boundedFetch(
  network: OutboundNetwork,
  { timeoutMs, maxBytes, maxRequests }: McpLimits,
  onFailure: (error: unknown) => void,
): BoundedFetch {
  const go = outboundFetch(network, { timeoutMs, idleMs: timeoutMs, maxBytes });
  let requests = 0;
  let bytes = 0;
  let farewell: Promise<unknown> = Promise.resolve();

  const count = (length: number) => {
    bytes += length;
    if (bytes > maxBytes * 4) {
      throw new McpFailure("mcp_too_much", "The server says more than is listened to.");
    }
  };
  const ask: typeof fetch = async (input, init) => {
    requests += 1;
    if (requests > maxRequests) {
      throw new McpFailure("mcp_too_much", "The server asks for more than is answered.");
    }
    return watched(await go(input, init), count, onFailure);
  };

  return {
    farewell: () => farewell,
    fetch: async (input, init) => {
      if (init?.method === "GET" && !new Headers(init.headers).has("last-event-id")) {
        return new Response(null, { status: 405 });
      }
      const answer = ask(input, init);
      if (typeof init?.body === "string" && init.body.includes('"notifications/cancelled"')) {
        farewell = answer.catch(() => undefined);
      }
      answer.catch(onFailure);
      return answer;
    },
  };
}
