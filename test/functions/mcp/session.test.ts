import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";
import type { McpLimits } from "../../../functions/_shared/mcp/bounded-fetch.ts";
import { type McpSession, withMcpSession } from "../../../functions/_shared/mcp/mcp-session.ts";
import { Internet } from "../../support/internet/internet.ts";
import { says, startMcpServer, type TestMcpServer } from "../../support/mcp/index.ts";

const internet = new Internet();
const network = internet.network(true);
let server: TestMcpServer;

beforeEach(async () => {
  server = await startMcpServer({
    tools: [{ name: "add", description: "Adds.", inputSchema: { type: "object" } }],
    call: (_, { a, b }) => says(String(Number(a) + Number(b))),
  });
});
afterEach(() => server.close());

interface Visit {
  bearer?: string;
  url?: string;
  limits?: Partial<McpLimits>;
  signal?: AbortSignal;
}

function visit<T>(work: (session: McpSession) => Promise<T>, more: Visit = {}): Promise<T> {
  const { bearer = null, url = server.url, limits = {}, signal } = more;
  return withMcpSession({ url, bearer, network, limits }, work, signal);
}

/** What went wrong, as far as people are told. */
async function failureOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => new Error("It did not fail"),
    (reason) => reason,
  );
  if (!(error instanceof HttpError)) {
    throw error;
  }
  return { code: error.code, message: error.message };
}

const list = (session: McpSession) => session.listTools();
const add = (session: McpSession) => session.callTool("add", { a: 2, b: 3 });
const methods = () => server.requests.map(({ method, body }) => body?.method ?? method);

describe("a session with an honest server", () => {
  it.each([
    { answers: "as events", stateful: false, json: false },
    { answers: "as JSON", stateful: false, json: true },
    { answers: "as events, in sessions", stateful: true, json: false },
    { answers: "as JSON, in sessions", stateful: true, json: true },
  ])("lists and calls tools that it answers $answers", async ({ stateful, json }) => {
    Object.assign(server.behaviour, { stateful, json });

    const seen = await visit(async (session) => ({
      name: session.serverInfo.name,
      tools: await session.listTools(),
      answer: await session.callTool("add", { a: 2, b: 3 }),
    }));

    expect(seen).toMatchObject({
      name: "test-tools",
      tools: [{ name: "add", description: "Adds." }],
      answer: { content: [{ type: "text", text: "5" }], isError: false },
    });
    expect(server.sessions).toBe(0);
    expect(internet.open).toBe(0);
  });

  it("keeps no stream open for what nobody asked for", async () => {
    await visit(list, {});

    expect(methods()).toEqual(["initialize", "notifications/initialized", "tools/list"]);
  });

  it("takes an answer up again where the server broke it off on purpose", async () => {
    let asked: unknown;
    server.behaviour.door = (request, response) => {
      const seen = server.requests.at(-1);
      if (seen?.body?.method === "tools/list") {
        asked = seen.body.id;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end("id: 7\nretry: 10\ndata:\n\n");
        return true;
      }
      if (request.headers["last-event-id"] === "7") {
        const message = { jsonrpc: "2.0", id: asked, result: { tools: [{ name: "late" }] } };
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(`data: ${JSON.stringify(message)}\n\n`);
        return true;
      }
      return false;
    };

    expect(await visit(list)).toEqual([{ name: "late" }]);
  });

  it("reads every page of a list", async () => {
    server.behaviour.page = (cursor) => {
      const place = Number(cursor ?? 0);
      return {
        tools: [{ name: `tool_${place}`, inputSchema: { type: "object" } }],
        ...(place < 4 ? { nextCursor: String(place + 1) } : {}),
      };
    };

    expect(await visit(list)).toHaveLength(5);
  });

  it("sends the bearer, and no header of our own side", async () => {
    server.behaviour.bearer = "correct-horse";

    await visit(list, { bearer: "correct-horse" });

    const { headers } = server.requests.at(-1) ?? {};
    expect(headers).toMatchObject({ authorization: "Bearer correct-horse" });
    expect(Object.keys(headers ?? {}).filter((name) => /^(x-|cookie|origin)/.test(name))).toEqual(
      [],
    );
  });
});

describe("a session with a server that", () => {
  it.each([undefined, "wrong"])("wants another bearer than %s fails as that", async (bearer) => {
    server.behaviour.bearer = "correct-horse";

    expect(await failureOf(visit(list, bearer ? { bearer } : {}))).toEqual({
      code: "mcp_unauthorized",
      message: "The tool server does not let us in.",
    });
  });

  it("stalls is given up in time, and told so", async () => {
    const cancelled = vi.fn();
    server.behaviour.call = (_, __, { signal }) =>
      new Promise(() => signal.addEventListener("abort", cancelled));
    server.behaviour.stateful = true;
    const begun = Date.now();

    const failure = await failureOf(visit(add, { limits: { timeoutMs: 400 } }));

    expect(failure.code).toBe("mcp_timeout");
    expect(Date.now() - begun).toBeLessThan(1_500);
    expect(methods()).toContain("notifications/cancelled");
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it("never answers the first word is given up in time", async () => {
    server.behaviour.door = () => true;

    const failure = await failureOf(visit(list, { limits: { timeoutMs: 300 } }));

    expect(failure.code).toBe("mcp_timeout");
  });

  it("trickles its answer is given up in time", async () => {
    server.behaviour.door = (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write(": still here\n\n"), 30);
      response.on("close", () => clearInterval(timer));
      return true;
    };

    const failure = await failureOf(visit(list, { limits: { timeoutMs: 300 } }));

    expect(failure.code).toBe("mcp_timeout");
  });

  it("is waited for is left when the caller has enough, with the caller's reason", async () => {
    server.behaviour.stateful = true;
    const mine = new AbortController();
    const reason = new Error("Enough");
    server.behaviour.call = () => new Promise(() => mine.abort(reason));

    await expect(visit(add, { signal: mine.signal })).rejects.toBe(reason);

    expect(methods()).toContain("notifications/cancelled");
    expect(server.sessions).toBe(0);
  });

  it("is not even asked once the caller has enough", async () => {
    const reason = new Error("Enough");

    await expect(visit(list, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    expect(server.requests).toEqual([]);
  });

  it.each([
    { json: true, as: "JSON" },
    { json: false, as: "events" },
  ])("floods with an answer of megabytes as $as is cut off at once", async ({ json }) => {
    Object.assign(server.behaviour, { json, call: () => says("x".repeat(3_000_000)) });
    const begun = Date.now();

    const failure = await failureOf(visit(add));

    expect(failure.code).toBe("outbound_too_large");
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  it("floods with tools is refused", async () => {
    server.behaviour.tools = Array.from({ length: 101 }, (_, place) => ({
      name: `tool_${place}`,
      inputSchema: { type: "object" },
    }));

    expect((await failureOf(visit(list))).code).toBe("mcp_too_much");
  });

  it("breaks every answer off is left in the end", async () => {
    server.behaviour.door = (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("id: 7\nretry: 0\ndata:\n\n");
      return true;
    };

    expect((await failureOf(visit(list))).code).toBe("mcp_too_much");
    expect(server.requests.length).toBeLessThan(50);
  });

  it("lists without end is refused, whether or not it brings tools", async () => {
    let page = 0;
    server.behaviour.page = () => ({ tools: [], nextCursor: String(page++) });
    expect((await failureOf(visit(list))).code).toBe("mcp_too_much");

    server.behaviour.page = () => ({ tools: [], nextCursor: "again" });
    expect((await failureOf(visit(list))).code).toBe("mcp_too_much");
  });

  it("asks us thousands of things is answered a few", async () => {
    server.behaviour.call = async (_, __, extra) => {
      for (let place = 0; place < 2_000; place += 1) {
        void extra.sendRequest({ method: "ping" }, {} as never).catch(() => undefined);
      }
      return new Promise(() => undefined);
    };
    server.behaviour.stateful = true;

    const failure = await failureOf(visit(add, { limits: { timeoutMs: 3_000 } }));

    expect(failure.code).toBe("mcp_too_much");
    expect(server.requests.length).toBeLessThan(50);
  });

  it("wants our model to think for it is told that we do not", async () => {
    server.behaviour.stateful = true;
    server.behaviour.call = async (_, __, extra) => {
      const params = { messages: [], maxTokens: 1 };
      const request = { method: "sampling/createMessage" as const, params };
      const refused = await extra.sendRequest(request, {} as never).catch(String);
      return says(String(refused));
    };

    expect((await visit(add)).content).toMatchObject(
      [{ text: /Method not found/ }].map(() => ({
        text: expect.stringContaining("Method not found"),
      })),
    );
  });

  it.each([
    ["HTML", "text/html", "<h1>Hello</h1>"],
    ["no JSON", "application/json", "{"],
    ["no JSON-RPC", "application/json", '{"hello": "world"}'],
    ["events that are no JSON", "text/event-stream", "data: hello\n\n"],
    ["events that are no JSON-RPC", "text/event-stream", 'data: {"hello": 1}\n\n'],
  ])("says %s fails as that", async (_, type, body) => {
    server.behaviour.door = (__, response) => {
      response.writeHead(200, { "content-type": type }).end(body);
      return true;
    };

    expect((await failureOf(visit(list, { limits: { timeoutMs: 2_000 } }))).code).toBe(
      "mcp_bad_answer",
    );
  });

  it("says that its tools are a number fails as that", async () => {
    server.behaviour.page = () => ({ tools: 7 }) as never;

    expect((await failureOf(visit(list))).code).toBe("mcp_bad_answer");
  });

  it("breaks down says how, without its words", async () => {
    server.behaviour.door = (_, response) => {
      response.writeHead(503).end("secret internals");
      return true;
    };

    expect(await failureOf(visit(list))).toEqual({
      code: "mcp_unreachable",
      message: "The tool server answers with HTTP 503.",
    });
  });

  it("refuses with the secret in its words is quoted without it", async () => {
    server.behaviour.call = () => {
      throw new Error("no \u001b[31m way,\n correct-horse-battery");
    };

    const failure = await failureOf(visit(add, { bearer: "correct-horse-battery" }));

    expect(failure.code).toBe("mcp_refused");
    expect(failure.message).toContain("way, [redacted]");
    expect(failure.message).not.toContain("\u001b");
  });

  it("hangs up within its answer fails at once", async () => {
    server.behaviour.door = (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": wait\n\n");
      setTimeout(() => request.socket.destroy(), 20);
      return true;
    };
    const begun = Date.now();

    expect((await failureOf(visit(list))).code).toBe("outbound_unreachable");
    expect(Date.now() - begun).toBeLessThan(3_000);
  });
});

describe("where a session leads", () => {
  it.each(["http://10.0.0.1/mcp", "http://169.254.169.254/latest", "https://[fd00::1]/mcp"])(
    "is not %s, by whatever redirect",
    async (location) => {
      server.behaviour.door = (_, response) => {
        response.writeHead(307, { location }).end();
        return true;
      };
      const connections = internet.connections.length;

      expect((await failureOf(visit(list))).code).toBe("mcp_unreachable");
      expect(
        internet.connections.slice(connections).every(({ port }) => port === server.port),
      ).toBe(true);
    },
  );

  it("is not another server of this machine either, and the bearer stays", async () => {
    const visitors: unknown[] = [];
    const other = createServer((request, response) => {
      visitors.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    server.behaviour.door = (_, response) => {
      const { port } = other.address() as AddressInfo;
      response.writeHead(307, { location: `http://127.0.0.1:${port}/mcp` }).end();
      return true;
    };

    expect((await failureOf(visit(list, { bearer: "correct-horse" }))).code).toBe(
      "mcp_unreachable",
    );
    expect(visitors).toEqual([]);
    other.close();
  });

  it("is another path of the same server, where it redirects there", async () => {
    server.behaviour.door = (request, response) => {
      if (request.url === "/mcp") {
        response.writeHead(307, { location: "/mcp/" }).end();
        return true;
      }
      return false;
    };

    expect(await visit(list)).toHaveLength(1);
  });

  it.each([
    "http://127.0.0.1:1/mcp",
    "https://user:word@tools.example.com/mcp",
    "http://tools.example.com/mcp",
    "https://inside.example.com/mcp",
  ])("is not %s, outside of the embedded stack", async (url) => {
    internet.names.set("inside.example.com", ["10.1.2.3"]);
    internet.names.set("tools.example.com", ["93.184.215.14"]);
    const outside = { url, bearer: null, network: internet.network(false) };

    expect((await failureOf(withMcpSession(outside, list))).code).toBe("url_not_allowed");
  });
});
