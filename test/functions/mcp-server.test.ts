import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { serve } from "../../functions/_shared/http/serve.ts";
import { mcpDoor } from "../../functions/mcp/door.ts";
import { handleMcp } from "../../functions/mcp/handler.ts";
import { assistantTools } from "../../functions/mcp/tools/index.ts";
import { nowhere } from "../support/internet/nowhere.ts";
import {
  type AssistantMemory,
  agentOf,
  assistantMemory,
  chatResponse,
  messageOf,
  newRun,
  organizationOf,
  refusal,
} from "./assistant-memory.ts";
import { passage } from "./knowledge-samples.ts";
import { agentId, channelId, organizationId, otherId, runId, taskId, userId } from "./samples.ts";

const secret = new TextEncoder().encode("a secret of at least thirty-two bytes");
const env = {
  SUPABASE_URL: "http://functions.internal:8000",
  SUPABASE_PUBLIC_URL: "https://project.example.com/",
  SITE_URL: "https://app.example.com/start",
  MCP_ALLOWED_ORIGINS: "https://one.example.com, https://two.example.com",
};
const recordDenial = vi.fn();
let memory: AssistantMemory;
let token: string;
let url: URL;
let client: Client;

const http = createAdaptorServer({
  fetch: mcpDoor(
    env,
    serve(
      { name: "mcp", auth: "user" },
      { env, resolveHost: async () => [], connect: nowhere, waitUntil: () => {} },
      (request, { log, correlationId }) =>
        handleMcp(request, {
          caller: memory.caller,
          tools: assistantTools,
          recordDenial,
          log,
          correlationId,
        }),
    ),
  ),
});

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/functions/v1/mcp`);
  const k = Buffer.from(secret).toString("base64url");
  const keys = [{ kty: "oct", alg: "HS256", kid: "one", k }];
  vi.stubEnv("SUPABASE_URL", "http://127.0.0.1:1");
  vi.stubEnv("SUPABASE_PUBLISHABLE_KEYS", '{"default":"sb_publishable_test"}');
  vi.stubEnv("SUPABASE_SECRET_KEYS", '{"default":"sb_secret_test"}');
  vi.stubEnv("SUPABASE_JWKS", JSON.stringify({ keys }));
  for (const level of ["info", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
  vi.stubGlobal("WebSocket", class {});
  token = await new SignJWT({ sub: userId, role: "authenticated" })
    .setProtectedHeader({ alg: "HS256", kid: "one" })
    .setExpirationTime("1h")
    .sign(secret);
});
beforeEach(async () => {
  memory = assistantMemory();
  recordDenial.mockClear();
  client = new Client({ name: "assistant", version: "1.0.0" });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new StreamableHTTPClientTransport(url, { requestInit: { headers } }) as never,
  );
});
afterEach(() => client.close());
afterAll(async () => {
  await new Promise((resolve) => http.close(resolve));
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function call(name: string, input: Record<string, unknown> = {}): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: input })) as CallToolResult;
}
const textOf = ({ content }: CallToolResult) =>
  content.map((part) => (part.type === "text" ? part.text : "")).join("");

/** A request without the SDK's help. */
function post(body: unknown, headers: Record<string, string> = {}, method = "POST") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    ...(method === "POST" ? { body: text } : {}),
  });
}
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

describe("the tools of the MCP server", () => {
  it("are listed with what they take, answer and do", async () => {
    const { tools } = await client.listTools();
    const named = new Map(tools.map((tool) => [tool.name, tool]));

    expect(client.getServerVersion()).toMatchObject({ name: "ensemble" });
    expect(client.getInstructions()).toContain("as the user");
    expect([...named.keys()]).toEqual([
      "list_organizations",
      "list_agents",
      "ask_agent",
      "list_tasks",
      "run_task",
      "list_task_runs",
      "get_task_run",
      "search_messages",
      "search_knowledge",
    ]);
    for (const tool of tools) {
      const isWorking = ["ask_agent", "run_task"].includes(tool.name);
      expect(tool.annotations).toMatchObject({
        readOnlyHint: !isWorking,
        destructiveHint: isWorking,
      });
      expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: "object" });
    }
    expect(named.get("ask_agent")?.inputSchema.required).toEqual(["agent_id", "message"]);
    expect(named.get("list_agents")?.inputSchema.required ?? []).toEqual([]);
  });

  it("answer in pages, which follow on each other by their cursor", async () => {
    const ids = [1, 2, 3, 4, 5].map((n) => `00000000-0000-4000-8000-00000000010${n}`);
    memory.agents = ids.map((id, index) => agentOf(id, `Agent ${index}`));

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await call("list_agents", { limit: 2, ...(cursor ? { cursor } : {}) });
      const { agents, next_cursor } = page.structuredContent as never as {
        agents: { id: string }[];
        next_cursor: string | null;
      };
      seen.push(...agents.map(({ id }) => id));
      cursor = next_cursor ?? undefined;
    } while (cursor);

    expect(seen).toEqual(ids);
    expect(memory.charge).toHaveBeenCalledTimes(3);
    expect(memory.charge).toHaveBeenCalledWith(organizationId);
  });

  it("say what is wrong with their input", async () => {
    const answers = [
      await call("list_agents", { limit: 1000 }),
      await call("list_agents", { everything: true }),
      await call("list_agents", { cursor: 'now"),id.gt.0' }),
      await call("ask_agent", { agent_id: "nobody", message: " " }),
      await call("search_messages", { query: '%_"{}' }),
      await call("drop_tables"),
    ];

    expect(answers.every(({ isError }) => isError)).toBe(true);
    expect(answers.map(textOf)).toEqual([
      expect.stringContaining("limit"),
      expect.stringContaining("everything"),
      expect.stringContaining("That is no cursor of ours. Pass next_cursor"),
      expect.stringContaining("agent_id"),
      "There is no word in the query.",
      expect.stringContaining("drop_tables"),
    ]);
    expect(memory.chat).not.toHaveBeenCalled();
  });

  it("ask for an organization when it is not clear which is meant", async () => {
    memory.current = null;
    const only = await call("list_agents");
    memory.organizations.push(organizationOf(otherId, "Other"));
    const unclear = await call("list_agents");
    const named = await call("list_agents", { organization_id: otherId });
    const foreign = await call("list_agents", { organization_id: agentId });

    expect(only.isError).toBeFalsy();
    expect(textOf(unclear)).toContain("list_organizations");
    expect(named.isError).toBeFalsy();
    expect(textOf(foreign)).toContain("No organization with that id.");
    expect(memory.charge.mock.calls).toEqual([[organizationId], [otherId]]);
    const listed = await call("list_organizations");
    expect(listed.structuredContent).toMatchObject({
      organizations: [
        { name: "Acme", role: "owner" },
        { name: "Other", is_current: false },
      ],
      next_cursor: null,
    });
  });

  it("run a task, wake who does it, and follow the run to its end", async () => {
    const running = { ...newRun, status: "running" as const };
    const completed = { ...newRun, status: "completed" as const, completed_step_count: 1 };
    memory.runs = [running, completed];
    memory.result = "x".repeat(30_000);

    const run = await call("run_task", { task_id: taskId });
    const got = await call("get_task_run", { run_id: runId, wait_seconds: 5 });

    expect(run.structuredContent).toMatchObject({ run: { id: runId, status: "pending" } });
    expect(memory.rpc).toHaveBeenCalledWith("run_task_now", { p_task_id: taskId });
    expect(memory.wake).toHaveBeenCalledWith("task-runner");
    expect(got.structuredContent).toMatchObject({
      run: { status: "completed" },
      steps: [{ step_name: "Report", result: "x".repeat(20_000), is_truncated: true }],
    });
    expect(memory.charge.mock.calls).toEqual([[organizationId], [organizationId]]);
  });

  it("pass on what the database refuses, in its words, and have denials recorded", async () => {
    memory.rpc.mockRejectedValueOnce(refusal(403, "permission_denied", "You may not run it"));
    const denied = await call("run_task", { task_id: taskId });
    memory.rpc.mockRejectedValueOnce(refusal(404, "task_not_found", "No task with that id"));
    const unknown = await call("run_task", { task_id: otherId });
    const foreign = await call("get_task_run", { run_id: otherId });

    expect(denied).toMatchObject({
      isError: true,
      content: [{ text: "You may not run it. Ask somebody else." }],
      _meta: { "ensemble/error": { code: "permission_denied", status: 403 } },
    });
    expect(textOf(unknown)).toBe("No task with that id. Ask somebody else.");
    expect(textOf(foreign)).toContain("No run with that id.");
    expect(recordDenial.mock.calls).toEqual([[expect.anything(), organizationId]]);
    expect(memory.wake).not.toHaveBeenCalled();
    expect(memory.charge).toHaveBeenCalledTimes(1);
  });

  it("keep to themselves what breaks inside", async () => {
    memory.rpc.mockRejectedValueOnce(new Error("connect 10.0.0.7:5432 as postgres"));

    const broken = await call("run_task", { task_id: taskId });

    expect(broken.isError).toBe(true);
    expect(textOf(broken)).toBe("Something went wrong on our side.");
    expect(JSON.stringify(broken)).not.toContain("10.0.0.7");
  });

  it("find messages with all the words, with the names of who wrote where", async () => {
    memory.messages = [
      messageOf("00000000-0000-4000-8000-000000000201", "The report of May"),
      messageOf("00000000-0000-4000-8000-000000000202", "A report"),
    ];

    const found = await call("search_messages", { query: " May, (report) " });

    expect(found.structuredContent).toMatchObject({
      messages: [
        {
          content: "The report of May",
          channel: "one of chat_channels",
          author: "one of profiles",
          is_truncated: false,
        },
      ],
      next_cursor: null,
    });
  });

  it("search an agent's knowledge for the user, who is charged where the agent is", async () => {
    memory.searchKnowledge.mockImplementationOnce(async (_, charge) => {
      await charge(organizationId);
      const notice = "No embedding provider is configured: words alone were searched.";
      return { results: [passage], mode: "text", notice, embedding_model: null };
    });

    const found = await call("search_knowledge", {
      agent_id: agentId,
      query: "Which class by train?",
      filters: { tags: ["travel"] },
    });

    expect(memory.searchKnowledge.mock.calls[0]?.[0]).toEqual({
      agentId,
      query: "Which class by train?",
      limit: 5,
      filters: { tags: ["travel"] },
    });
    expect(memory.charge.mock.calls).toEqual([[organizationId]]);
    expect(found.structuredContent).toMatchObject({
      passages: [{ content: passage.content, display_name: "Travel policy", page: 3 }],
      mode: "text",
      notice: expect.stringContaining("words alone"),
    });
  });

  it("hide whether an agent exists that the user may not search in", async () => {
    memory.searchKnowledge.mockRejectedValueOnce(
      new HttpError(404, "agent_not_found", "No agent with that id that you may run"),
    );

    const found = await call("search_knowledge", { agent_id: otherId, query: "train" });

    expect(found.isError).toBe(true);
    expect(textOf(found)).toBe("No agent with that id that you may run.");
  });

  it("take no user from an assistant", async () => {
    const found = await call("search_knowledge", {
      agent_id: agentId,
      query: "train",
      user_id: otherId,
    });

    expect(found.isError).toBe(true);
    expect(memory.searchKnowledge).not.toHaveBeenCalled();
  });
});

describe("asking an agent", () => {
  const message = {
    id: otherId,
    channel_id: channelId,
    user_id: null,
    agent_id: agentId,
    content: "Good morning, Ada",
    message_type: "text",
    metadata: {},
    created_at: newRun.created_at,
  };
  const done = {
    event: "done",
    data: { message, usage: { prompt_tokens: 5, completion_tokens: 3 }, cost_usd: 0.01 },
  };

  it("answers the whole turn, with what the agent used", async () => {
    const record = { id: "1", name: "look_up", status: "completed", duration_ms: 3 };
    const citation = {
      number: 1,
      media_id: otherId,
      chunk_id: channelId,
      display_name: "Handbook",
      page: 2,
      page_end: 2,
      heading_path: ["Leave"],
    };
    memory.chat.mockResolvedValueOnce(
      chatResponse([
        { event: "message", data: { ...message, agent_id: null, user_id: userId } },
        { event: "tool_call", data: { id: "1", name: "look_up", input: "{}" } },
        { event: "tool_result", data: { ...record, text: "Ada", is_truncated: false } },
        { event: "news", data: { of: "later versions" } },
        { event: "delta", data: { text: "Good morning, Ada" } },
        { ...done, data: { ...done.data, citations: [citation] } },
      ]),
    );
    const told: (string | undefined)[] = [];

    const answer = (await client.callTool(
      { name: "ask_agent", arguments: { agent_id: agentId, message: "Good morning" } },
      undefined,
      { onprogress: ({ message }) => told.push(message) },
    )) as CallToolResult;

    expect(textOf(answer)).toBe("Good morning, Ada");
    expect(answer.structuredContent).toEqual({
      answer: "Good morning, Ada",
      channel_id: channelId,
      message_id: otherId,
      tool_calls: [record],
      citations: [citation],
      usage: { prompt_tokens: 5, completion_tokens: 3 },
      cost_usd: 0.01,
    });
    expect(told).toEqual(["The agent calls look_up.", "The agent is writing."]);
    expect(memory.chat.mock.calls[0]?.[0]).toEqual({ agent_id: agentId, message: "Good morning" });
  });

  it("passes on refusals before and amid the answer, without recording them", async () => {
    const body = {
      code: "agent_not_runnable",
      message: "You may not run this agent.",
      details: null,
      hint: "It needs to be active.",
      correlation_id: "abc",
    };
    const ask = () => call("ask_agent", { agent_id: agentId, message: "Good morning" });

    memory.chat.mockResolvedValueOnce(Response.json(body, { status: 403 }));
    const before = await ask();
    memory.chat.mockResolvedValueOnce(chatResponse([{ event: "error", data: body }]));
    const amid = await ask();
    memory.chat.mockResolvedValueOnce(chatResponse([]));
    const brokenOff = await ask();

    expect([before, amid].map(textOf)).toEqual([
      "You may not run this agent. It needs to be active.",
      "You may not run this agent. It needs to be active.",
    ]);
    expect(textOf(brokenOff)).toContain("The agent's answer broke off.");
    expect([before, amid, brokenOff].every(({ isError }) => isError)).toBe(true);
    expect(recordDenial).not.toHaveBeenCalled();
  });

  it("gives up with the assistant, and lets the model know", async () => {
    const cancelled = vi.fn();
    memory.chat.mockResolvedValueOnce(
      new Response(new ReadableStream({ cancel: cancelled }), {
        headers: { "content-type": "text/event-stream" },
      }),
    );
    const params = { name: "ask_agent", arguments: { agent_id: agentId, message: "Hello" } };

    const response = await post({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
    await vi.waitFor(() => expect(memory.chat).toHaveBeenCalled());
    await response.body?.cancel();

    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled());
  });
});

describe("the door of the MCP server", () => {
  it("sends whoever brings no token of a user to where there are some", async () => {
    const resource = "https://project.example.com/functions/v1/mcp";
    const none = await post(ping, { authorization: "" });
    const forged = await post(ping, { authorization: `Bearer ${token.slice(0, -4)}AAAA` });
    const metadata = await fetch(`${url}/oauth-protected-resource`);

    for (const response of [none, forged]) {
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe(
        `Bearer resource_metadata="${resource}/oauth-protected-resource"`,
      );
    }
    expect(await metadata.json()).toMatchObject({
      resource,
      authorization_servers: ["https://project.example.com/auth/v1"],
    });
  });

  it.each(["GET", "DELETE", "PUT"])("has no use for %s", async (method) => {
    const response = await post("", {}, method);

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it.each<[string, number]>([
    ["https://app.example.com", 200],
    ["https://two.example.com", 200],
    ["https://project.example.com", 200],
    ["http://localhost:6274", 200],
    ["https://evil.example.com", 403],
    ["https://app.example.com.evil.example.com", 403],
    ["http://app.example.com", 403],
    ["http://localhost.evil.example.com", 403],
    ["null", 403],
    ["file://", 403],
  ])("judges pages by their origin: %s gets %i", async (origin, status) => {
    const response = await post(ping, { origin });
    const asked = await fetch(url, { method: "OPTIONS", headers: { origin } });

    expect(response.status).toBe(status);
    expect(asked.status).toBe(status === 200 ? 204 : 403);
    expect(asked.headers.get("access-control-allow-headers")).toContain("mcp-protocol-version");
  });

  it("refuses what is no message of the protocol, or too much of it", async () => {
    const answers = await Promise.all([
      post("{"),
      post({ hello: "world" }),
      post(ping, { "mcp-protocol-version": "1999-01-01" }),
      post(ping, { accept: "text/html" }),
      post(ping, { "content-type": "text/plain" }),
      post("x".repeat(1_000_001)),
      post(Array.from({ length: 11 }, () => ping)),
      post([ping, { ...ping, id: 2 }]),
      post({ jsonrpc: "2.0", method: "notifications/initialized" }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([
      400, 400, 400, 406, 415, 413, 400, 200, 202,
    ]);
  });

  it("answers without a session, each request on its own", async () => {
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

    const response = await post(list, { "mcp-session-id": "of another worker" });

    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("mcp-session-id")).toBeNull();
    expect(await response.json()).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  });
});
