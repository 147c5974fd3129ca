import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";
import { callMcpTool } from "../../../functions/_shared/mcp/call-mcp-tool.ts";
import { mcpToolsOf } from "../../../functions/_shared/mcp/mcp-tools-of.ts";
import { refreshMcpConnection } from "../../../functions/_shared/mcp/refresh-connection.ts";
import { handleMcpRefresh } from "../../../functions/mcp-refresher/handler.ts";
import type { ClaimedJob } from "../../../types/schemas.ts";
import { Internet } from "../../support/internet/internet.ts";
import { says, startMcpServer, type TestMcpServer } from "../../support/mcp/index.ts";

const organizationId = "11111111-1111-4111-8111-111111111111";
const agentId = "22222222-2222-4222-8222-222222222222";
const connectionId = "33333333-3333-4333-8333-333333333333";
const secretId = "44444444-4444-4444-8444-444444444444";
const callId = "55555555-5555-4555-8555-555555555555";
const userId = "66666666-6666-4666-8666-666666666666";
const network = new Internet().network(true);

let server: TestMcpServer;
let answers: Record<string, unknown>;
let calls: { name: string; args: Record<string, unknown> }[];

/** The database: each RPC answers what the test says, or throws it. */
const rpc: Rpc = async (name, args = {}) => {
  calls.push({ name, args });
  const answer = answers[name];
  if (answer instanceof Error) {
    throw answer;
  }
  return answer ?? null;
};

beforeEach(async () => {
  calls = [];
  server = await startMcpServer({
    tools: [{ name: "add", inputSchema: { type: "object" } }],
    call: (_, { a, b }) => says(String(Number(a) + Number(b))),
    bearer: "correct-horse",
  });
  const place = { organization_id: organizationId, agent_id: agentId, secret_id: secretId };
  const target = { ...place, server_url: server.url };
  answers = {
    authorize_mcp_tool_call: { allowed: true, connection_id: connectionId, ...target },
    mcp_connection_target: {
      id: connectionId,
      connection_name: "sums",
      is_active: true,
      ...target,
    },
    resolve_organization_secrets: { [secretId]: "correct-horse" },
    begin_tool_call: callId,
    agent_mcp_tools: [
      {
        connection_id: connectionId,
        tool_name: "add",
        name: "sums__add",
        description: "Adds.",
        parameters: { type: "object" },
      },
    ],
    save_mcp_manifest: {
      ...target,
      id: connectionId,
      connection_name: "sums",
      is_active: true,
      status: "changed",
      last_error: null,
      server_info: null,
      manifest_hash: "00",
      accepted_manifest_hash: null,
      manifest_changed_at: null,
      refresh_interval_minutes: 60,
      refreshed_at: null,
      next_refresh_at: "2030-01-01T00:00:00Z",
    },
  };
});
afterEach(() => server.close());

const deps = { rpc, network, log: vi.fn() };
const caller = { agentId, userId };

function call(input: unknown = { a: 2, b: 3 }, signal = new AbortController().signal) {
  return callMcpTool({ caller, connectionId, toolName: "add", input, signal }, deps);
}
const said = (name: string) => calls.find((each) => each.name === name)?.args;
const names = () => calls.map(({ name }) => name);

describe("a call of an MCP tool", () => {
  it("is judged, logged, made with the secret, and finished", async () => {
    expect(await call()).toEqual({ status: "completed", text: "5", isTruncated: false });

    expect(names()).toEqual([
      "authorize_mcp_tool_call",
      "begin_tool_call",
      "resolve_organization_secrets",
      "finish_tool_call",
    ]);
    expect(said("authorize_mcp_tool_call")).toEqual({
      p_connection_id: connectionId,
      p_tool_name: "add",
      p_user_id: userId,
    });
    expect(said("begin_tool_call")).toMatchObject({
      p_agent_id: agentId,
      p_mcp_connection_id: connectionId,
      p_user_id: userId,
    });
    expect(JSON.stringify(said("finish_tool_call"))).not.toContain("correct-horse");
  });

  it("is made by the name that models know", async () => {
    const [tool] = await mcpToolsOf(caller, deps);

    expect(tool).toMatchObject({ name: "sums__add", inputSchema: { type: "object" } });
    expect(await tool?.call({ a: 1, b: 1 }, new AbortController().signal)).toMatchObject({
      text: "2",
    });
  });

  it("that is refused reaches no server and no secret", async () => {
    answers.authorize_mcp_tool_call = { allowed: false, reason: "mcp_tool_not_accepted" };

    expect(await call()).toMatchObject({
      status: "denied",
      text: expect.stringContaining("accept it first"),
    });
    expect(names()).toEqual(["authorize_mcp_tool_call", "begin_tool_call"]);
    expect(said("begin_tool_call")).toMatchObject({ p_refusal: expect.any(String) });
    expect(server.requests).toEqual([]);
  });

  it("of another agent's connection is refused", async () => {
    answers.authorize_mcp_tool_call = {
      ...(answers.authorize_mcp_tool_call as object),
      agent_id: userId,
    };

    expect(await call()).toMatchObject({ status: "denied" });
    expect(server.requests).toEqual([]);
  });

  it.each(["a text", [1], 7, { a: "x".repeat(200_001) }])(
    "with an input that is none fails before it is made (%#)",
    async (input) => {
      expect(await call(input)).toMatchObject({ status: "failed" });
      expect(server.requests).toEqual([]);
    },
  );

  it("that the tool fails is failed in the tool's words, without the secret", async () => {
    server.behaviour.call = () => says("No such sum, correct-horse.", { isError: true });

    expect(await call()).toMatchObject({ status: "failed", text: "No such sum, [redacted]." });
    expect(said("finish_tool_call")).toMatchObject({ p_status: "failed" });
  });

  it("ends as cancelled when nobody waits any more, and the server hears of it", async () => {
    const mine = new AbortController();
    server.behaviour.stateful = true;
    server.behaviour.call = () => new Promise(() => mine.abort());

    expect(await call({}, mine.signal)).toMatchObject({ status: "cancelled" });
    await vi.waitFor(() =>
      expect(server.requests.map(({ body }) => body?.method)).toContain("notifications/cancelled"),
    );
    expect(said("finish_tool_call")).toMatchObject({ p_status: "cancelled" });
  });

  it.each<[string, unknown, string]>([
    [
      "texts",
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "a\n\nb",
    ],
    ["structured content", { content: [], structuredContent: { sum: 5 } }, '{"sum":5}'],
    [
      "an image",
      { content: [{ type: "image", mimeType: "image/png", data: "x".repeat(9_000) }] },
      "[image image/png, not shown]",
    ],
    [
      "a resource",
      { content: [{ type: "resource", resource: { uri: "file:///a", text: "Hello" } }] },
      "Hello",
    ],
    [
      "a link",
      { content: [{ type: "resource_link", uri: "https://a.example", name: "A" }] },
      "[link A https://a.example]",
    ],
    ["nothing", { content: [] }, "(The tool answered without a word.)"],
    [
      "a sound",
      { content: [{ type: "audio", mimeType: "audio/wav", data: "aGk=" }] },
      "[audio audio/wav, not shown]",
    ],
  ])("that answers with %s is put into words", async (_, answer, text) => {
    server.behaviour.call = () => answer as never;

    expect(await call()).toEqual({ status: "completed", text, isTruncated: false });
  });

  it.each(["authorize_mcp_tool_call", "begin_tool_call", "resolve_organization_secrets"])(
    "does not throw when the database fails at %s",
    async (name) => {
      answers[name] = new HttpError(503, "database_unavailable", "The database did not answer.");

      expect(await call()).toMatchObject({ status: "failed" });
      expect(server.requests).toEqual([]);
    },
  );

  it("is answered also when its end cannot be logged", async () => {
    answers.finish_tool_call = new Error("gone");

    expect(await call()).toMatchObject({ status: "completed", text: "5" });
  });
});

describe("a refresh", () => {
  const job: ClaimedJob = {
    id: 1,
    kind: "refresh_mcp_connection",
    organization_id: organizationId,
    payload: { connection_id: connectionId },
    attempts: 1,
    max_attempts: 3,
    lease_token: 100,
    leased_until: "2030-01-01T00:00:00Z",
  };
  const queue = { complete: vi.fn(), fail: vi.fn() };
  const lost = new AbortController().signal;
  const refresh = (more: Partial<ClaimedJob> = {}) =>
    handleMcpRefresh({ ...job, ...more }, lost, { ...deps, queue });
  beforeEach(() => {
    queue.complete.mockReset();
    queue.fail.mockReset();
  });

  it("saves what the server offers, in both forms", async () => {
    expect(await refresh()).toBe("refreshed");

    expect(said("save_mcp_manifest")).toMatchObject({
      p_server_url: server.url,
      p_server_info: { name: "test-tools", version: "1.2.3" },
      p_tools: [{ name: "add", openai: { function: { name: "sums__add" } } }],
      p_note: null,
    });
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("of a server that fails is written down, and done with", async () => {
    server.behaviour.bearer = "another";

    expect(await refresh()).toBe("failed");
    expect(said("fail_mcp_refresh")).toMatchObject({
      p_server_url: server.url,
      p_error: "The tool server does not let us in.",
    });
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("whose secret is gone is written down likewise", async () => {
    answers.resolve_organization_secrets = new HttpError(404, "secret_not_found", "No secret.");

    expect(await refresh()).toBe("failed");
    expect(said("fail_mcp_refresh")).toMatchObject({ p_error: "No secret." });
    expect(server.requests).toEqual([]);
  });

  it("that our database fails is tried again, and the server not blamed", async () => {
    answers.save_mcp_manifest = new HttpError(503, "database_unavailable", "No answer.");

    await expect(refresh()).rejects.toThrow("No answer.");
    expect(said("fail_mcp_refresh")).toBeUndefined();
    expect(queue.complete).not.toHaveBeenCalled();
  });

  it("of a connection that is gone is done with", async () => {
    answers.mcp_connection_target = null;

    expect(await refresh()).toBe("gone");
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("of another kind is no work for it", async () => {
    expect(await refresh({ kind: "dance" })).toBe("failed");
    expect(queue.fail).toHaveBeenCalledWith(expect.anything(), {
      error: expect.stringContaining("dance"),
      permanent: true,
    });
  });

  it("ends when its lease is lost", async () => {
    const reason = new Error("Lease lost");

    await expect(refreshMcpConnection(connectionId, deps, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
    expect(said("fail_mcp_refresh")).toBeUndefined();
  });

  it("says which tools it left out", async () => {
    server.behaviour.tools = [{ name: "text", inputSchema: { type: "string" } }];

    await refresh();

    expect(said("save_mcp_manifest")).toMatchObject({
      p_tools: [],
      p_note: "Tools that were left out: text (its input is no object).",
    });
  });
});
