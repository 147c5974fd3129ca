// @ts-types="@modelcontextprotocol/sdk/client/index"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/streamableHttp"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { z } from "zod";
import { startDeadline } from "../guard/deadline.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import { sleep } from "../sleep.ts";
import { boundedFetch, MCP_LIMITS, type McpLimits } from "./bounded-fetch.ts";
import { McpFailure } from "./mcp-failure.ts";
import { toMcpFailure } from "./to-mcp-failure.ts";

/** A server, and how it is reached. */
export interface McpServer {
  url: string;
  /** Sent as bearer token. */
  bearer: string | null;
  network: OutboundNetwork;
  limits?: Partial<McpLimits>;
}

/** What a server is asked within one session. Answers are as the server gave them. */
export interface McpSession {
  serverInfo: { name?: unknown; version?: unknown };
  listTools(): Promise<unknown[]>;
  callTool(name: string, input: Record<string, unknown>): Promise<McpToolAnswer>;
}

const toolPage = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const toolAnswer = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
});
/** What a call of a tool answers. */
export type McpToolAnswer = z.output<typeof toolAnswer>;

/** Most tools of a server. */
const MOST_TOOLS = 100;
/** How long leaving a session may take. */
const GOODBYE_MS = 1_000;

/**
 * A session with a server, for as long as `work` takes: within the limits as a whole, and given up
 * when the signal aborts; the server is then told. Throws the signal's reason, an `McpFailure`, or
 * what the guard of outbound requests throws.
 *
 * What servers say is not validated against schemas of their own: compiling those would be work
 * that a stranger gives us.
 */
export async function withMcpSession<T>(
  server: McpServer,
  work: (session: McpSession) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const limits = { ...MCP_LIMITS, ...server.limits };
  const deadline = startDeadline(limits.timeoutMs, signal);
  const over = new AbortController();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    over.abort();
  };
  deadline.signal.addEventListener("abort", () => fail(deadline.signal.reason), { once: true });

  const way = boundedFetch(server.network, limits, fail);
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    fetch: way.fetch,
    requestInit: server.bearer ? { headers: { authorization: `Bearer ${server.bearer}` } } : {},
    reconnectionOptions: {
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 2_000,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 2,
    },
  });
  const client = new Client({ name: "ensemble", version: "1.0.0" });
  client.onerror = (error) => {
    // Of an answer that has begun nobody else would say that it is not JSON, or not JSON-RPC.
    if (error instanceof SyntaxError || /ZodError$/.test(error.name)) {
      fail(error);
    }
  };

  // The SDK never takes its listeners off again, so each request has a signal of its own.
  const options = () => ({
    signal: AbortSignal.any([over.signal]),
    timeout: limits.timeoutMs,
    maxTotalTimeout: limits.timeoutMs,
  });
  try {
    deadline.signal.throwIfAborted();
    await client.connect(transport, options());
    return await work({
      serverInfo: client.getServerVersion() ?? {},
      listTools: () => listTools((cursor) => askPage(client, cursor, options())),
      callTool: (name, input) =>
        client.request(
          { method: "tools/call", params: { name, arguments: input } },
          toolAnswer,
          options(),
        ),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toMcpFailure(failure ?? error, [server.bearer]);
  } finally {
    deadline.settle();
    await Promise.race([leave(transport, way.farewell()), sleep(GOODBYE_MS)]);
    await client.close();
  }
}

function askPage(client: Client, cursor: string | undefined, options: { signal: AbortSignal }) {
  const params = cursor === undefined ? {} : { cursor };
  return client.request({ method: "tools/list", params }, toolPage, options);
}

/** Every page of a list, unless it never ends. */
async function listTools(
  ask: (cursor: string | undefined) => Promise<z.output<typeof toolPage>>,
): Promise<unknown[]> {
  const tools: unknown[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    tools.push(...page.tools.slice(0, MOST_TOOLS + 1));
    cursor = page.nextCursor;
    if (tools.length > MOST_TOOLS || (cursor !== undefined && cursors.has(cursor))) {
      throw new McpFailure("mcp_too_much", `The tool server lists more than ${MOST_TOOLS} tools.`, {
        hint: "Offer fewer tools, or split them among several servers.",
      });
    }
    if (cursor !== undefined) {
      cursors.add(cursor);
    }
  } while (cursor !== undefined);
  return tools;
}

async function leave(
  transport: StreamableHTTPClientTransport,
  farewell: Promise<unknown>,
): Promise<void> {
  await farewell;
  await transport.terminateSession().catch(() => undefined);
}
