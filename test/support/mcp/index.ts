import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Server as McpServer } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";

/** What a tool of a test's server is; nothing keeps it from lying. */
export interface OfferedTool {
  name: string;
  description?: string;
  inputSchema: unknown;
  [more: string]: unknown;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** How a server behaves; a test may change it while it runs. */
export interface McpBehaviour {
  tools: OfferedTool[];
  /** A page of the list; without it, all tools at once. */
  page?: (cursor: string | undefined) => { tools: OfferedTool[]; nextCursor?: string };
  call?: (
    name: string,
    input: Record<string, unknown>,
    extra: Extra,
  ) => Promise<CallToolResult> | CallToolResult;
  /** Answers as JSON instead of a stream of events. */
  json?: boolean;
  /** Keeps sessions, as the protocol allows. */
  stateful?: boolean;
  /** Who does not send it is not let in. */
  bearer?: string;
  /** Stands in front of MCP; true when it has answered. */
  door?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** One request as it arrived. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: { method?: string; params?: unknown; id?: unknown; error?: unknown } | undefined;
}

export interface TestMcpServer {
  url: string;
  port: number;
  behaviour: McpBehaviour;
  requests: SeenRequest[];
  /** How many sessions are open. */
  sessions: number;
  close(): Promise<void>;
}

/** An answer that says one thing. */
export function says(text: string, more: Partial<CallToolResult> = {}): CallToolResult {
  return { content: [{ type: "text", text }], ...more };
}

/** Starts a real MCP server on loopback, made with the official SDK. */
export async function startMcpServer(behaviour: McpBehaviour): Promise<TestMcpServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const sockets = new Set<Socket>();
  const http: Server = createServer((request, response) => {
    void answer(request, response).catch((error) => response.destroy(error));
  });
  http.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;

  const server: TestMcpServer = {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    behaviour,
    requests: [],
    get sessions() {
      return transports.size;
    },
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => http.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await jsonOf(request);
    server.requests.push({
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: body as SeenRequest["body"],
    });
    const { bearer, door } = server.behaviour;
    if (door?.(request, response)) {
      return;
    }
    if (bearer && request.headers.authorization !== `Bearer ${bearer}`) {
      response.writeHead(401, { "www-authenticate": "Bearer" }).end();
      return;
    }
    const transport = await transportFor(request, response);
    await transport?.handleRequest(request, response, body);
  }

  async function transportFor(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<StreamableHTTPServerTransport | undefined> {
    const id = request.headers["mcp-session-id"];
    if (typeof id === "string") {
      const known = transports.get(id);
      if (!known) {
        response.writeHead(404).end();
      }
      return known;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: server.behaviour.stateful ? () => randomUUID() : undefined,
      enableJsonResponse: server.behaviour.json ?? false,
      onsessioninitialized: (session) => void transports.set(session, transport),
      onsessionclosed: (session) => void transports.delete(session),
    });
    await mcpServer(server).connect(transport as never);
    return transport;
  }

  return server;
}

function mcpServer(server: TestMcpServer): McpServer {
  const mcp = new McpServer(
    { name: "test-tools", version: "1.2.3" },
    { capabilities: { tools: { listChanged: true } } },
  );
  mcp.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const { page, tools } = server.behaviour;
    return (page ? page(params?.cursor) : { tools }) as never;
  });
  mcp.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { call } = server.behaviour;
    return call ? await call(params.name, params.arguments ?? {}, extra) : says("done");
  });
  return mcp;
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const piece of request) {
    text += piece;
  }
  return text === "" ? undefined : JSON.parse(text);
}
