import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { HttpError } from "../../../functions/_shared/errors/http-error.ts";
import {
  type Capability,
  defineCapability,
} from "../../../functions/_shared/integrations/capability.ts";
import { ProviderError } from "../../../functions/_shared/integrations/provider-error.ts";
import {
  type CapabilityDeps,
  callCapability,
  type ToolCredential,
} from "../../../functions/_shared/tools/call-capability.ts";
import { nodeConnect } from "../../support/internet/node-connect.ts";

const agentId = "11111111-1111-4111-8111-111111111111";
const userId = "22222222-2222-4222-8222-222222222222";
const connectionId = "33333333-3333-4333-8333-333333333333";
const callId = "44444444-4444-4444-8444-444444444444";
const token = "ya29.a-token-that-nobody-may-see";

/** What the provider does next; by default it greets. */
let provider: (request: IncomingMessage, response: ServerResponse) => void;
let requests: { authorization: string | undefined; url: string | undefined }[] = [];
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({ authorization: request.headers.authorization, url: request.url });
    provider(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  provider = (_, response) => response.end(JSON.stringify({ hello: "world" }));
});

const greet = defineCapability({
  key: "post_greet",
  input: z.strictObject({ name: z.string().min(1).max(50), times: z.int().default(1) }),
  async execute({ name }, { baseUrl, accessToken, fetch, signal }) {
    const response = await fetch(`${baseUrl}/greet/${name}`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal,
    });
    if (response.status === 401) {
      throw new ProviderError("provider_unauthorized", "Post refuses the connection.", {
        hint: "Ask its owner to connect it again.",
      });
    }
    return response.json();
  },
});

/** The database as the call path sees it, and what it was told. */
function database(answers: Record<string, (args: Record<string, unknown>) => unknown> = {}) {
  const told: [string, Record<string, unknown>][] = [];
  const rpc = async (name: string, args: Record<string, unknown> = {}) => {
    told.push([name, args]);
    const answer = answers[name]?.(args);
    if (answer !== undefined) {
      return answer;
    }
    return name === "authorize_tool_call"
      ? verdict(null)
      : name === "begin_tool_call"
        ? callId
        : null;
  };
  return {
    rpc,
    names: () => told.map(([name]) => name),
    last: (name: string) => told.findLast(([told]) => told === name)?.[1],
  };
}

function verdict(reason: string | null) {
  return {
    allowed: reason === null,
    reason,
    message: reason && "You were not given this connection.",
    hint: reason && "Do not try again.",
    permission_id: null,
    capability_id: null,
    organization_id: null,
  };
}

function credential(more: Partial<ToolCredential> = {}): ToolCredential {
  return {
    access_token: token,
    token_version: 1,
    configuration_metadata: { api_base_url: `${baseUrl}/` },
    ...more,
  };
}

function depsWith(memory: ReturnType<typeof database>, more: Partial<CapabilityDeps> = {}) {
  return {
    rpc: memory.rpc,
    log: vi.fn(),
    freshCredential: vi.fn(async () => credential()),
    network: { allowLoopback: true, resolveHost: async () => [], connect: nodeConnect },
    registry: { post_greet: greet },
    ...more,
  };
}

function callWith(more: Partial<Parameters<typeof callCapability>[0]> = {}) {
  return {
    caller: { agentId, userId },
    toolName: "post_greet",
    input: { name: "nora" },
    connectionId,
    capabilityKey: "post_greet",
    signal: new AbortController().signal,
    ...more,
  };
}

function only(capability: Partial<Capability>): Record<string, Capability> {
  return { post_greet: { ...greet, ...capability } };
}

describe("callCapability", () => {
  it("asks, enters the call, goes out with the token, and closes the row", async () => {
    const memory = database();
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome).toEqual({ status: "completed", text: '{"hello":"world"}', isTruncated: false });
    expect(memory.names()).toEqual(["authorize_tool_call", "begin_tool_call", "finish_tool_call"]);
    expect(memory.last("authorize_tool_call")).toEqual({
      p_agent_id: agentId,
      p_connection_id: connectionId,
      p_capability_key: "post_greet",
      p_user_id: userId,
    });
    expect(memory.last("begin_tool_call")).toMatchObject({
      p_tool_name: "post_greet",
      p_input: { name: "nora" },
      p_connection_id: connectionId,
      p_user_id: userId,
    });
    expect(memory.last("finish_tool_call")).toMatchObject({
      p_id: callId,
      p_status: "completed",
      p_output: { hello: "world" },
    });
    expect(requests).toEqual([{ authorization: `Bearer ${token}`, url: "/greet/nora" }]);
  });

  it("touches neither credential nor provider when it is not allowed", async () => {
    const memory = database({ authorize_tool_call: () => verdict("not_granted") });
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome.status).toBe("denied");
    expect(outcome.text).toBe("You were not given this connection. Do not try again.");
    expect(memory.names()).toEqual(["authorize_tool_call", "begin_tool_call"]);
    expect(memory.last("begin_tool_call")).toMatchObject({ p_refusal: outcome.text });
    expect(deps.freshCredential).not.toHaveBeenCalled();
    expect(requests).toEqual([]);
  });

  it("takes no answer for no", async () => {
    const memory = database({
      authorize_tool_call: () => {
        throw new HttpError(503, "database_unavailable", "The database did not answer.");
      },
    });
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome).toMatchObject({ status: "failed", text: "The database did not answer." });
    expect(deps.freshCredential).not.toHaveBeenCalled();
  });

  it("takes an answer that is none for no", async () => {
    const memory = database({ authorize_tool_call: () => ({ allowed: "yes" }) });
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome.status).toBe("failed");
    expect(requests).toEqual([]);
  });

  it("is denied when the permission is taken back between the question and the call", async () => {
    const memory = database({
      begin_tool_call: ({ p_refusal }) => {
        if (!p_refusal) {
          throw new HttpError(403, "grant_revoked", "The permission was taken back.");
        }
        return callId;
      },
    });
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome).toMatchObject({ status: "denied", text: "The permission was taken back." });
    expect(memory.last("begin_tool_call")).toMatchObject({ p_refusal: outcome.text });
    expect(deps.freshCredential).not.toHaveBeenCalled();
  });

  it.each([
    ["a wrong one", { name: 7 }, /name/],
    ["one with more than the schema says", { name: "nora", url: "http://evil.test" }, /url/],
    ["none", undefined, /input/],
    ["a text", "nora", /input/],
    ["one too long", { name: "x".repeat(300_000) }, /too long/],
  ])("refuses an input: %s, before there is a credential", async (_, input, words) => {
    const memory = database();
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith({ input }), deps);

    expect(outcome.status).toBe("failed");
    expect(outcome.text).toMatch(words);
    expect(memory.last("finish_tool_call")).toMatchObject({ p_status: "failed" });
    expect(deps.freshCredential).not.toHaveBeenCalled();
  });

  it.each(["post_burn", "constructor", "__proto__"])("knows no capability %s", async (key) => {
    const memory = database();
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith({ capabilityKey: key }), deps);

    expect(outcome).toMatchObject({
      status: "failed",
      text: expect.stringMatching(/not available/),
    });
    expect(memory.last("finish_tool_call")).toMatchObject({ p_status: "failed" });
    expect(requests).toEqual([]);
  });

  it("says why there is no credential", async () => {
    const memory = database();
    const deps = depsWith(memory, {
      freshCredential: async () => {
        throw new HttpError(409, "connection_expired", "Post no longer takes this connection.", {
          hint: "Its owner has to connect Post again.",
        });
      },
    });

    const outcome = await callCapability(callWith(), deps);

    expect(outcome.text).toBe(
      "Post no longer takes this connection. Its owner has to connect Post again.",
    );
    expect(memory.last("finish_tool_call")).toMatchObject({
      p_status: "failed",
      p_error: outcome.text,
    });
  });

  it("lets no credential back that a provider repeats", async () => {
    provider = (_, response) =>
      response.end(
        JSON.stringify({ [token]: token, text: `you are ${token}!`, key: "p4ss\\w0rd" }),
      );
    const memory = database();
    const deps = depsWith(memory, {
      freshCredential: async () =>
        credential({ credential: { password: "p4ss\\w0rd", host: "world" } }),
    });

    const outcome = await callCapability(callWith(), deps);

    expect(JSON.parse(outcome.text)).toEqual({
      "[redacted]": "[redacted]",
      text: "you are [redacted]!",
      key: "[redacted]",
    });
    expect(JSON.stringify(memory.last("finish_tool_call"))).not.toContain(token);
  });

  it("lets none back in a failure either", async () => {
    const memory = database();
    const registry = only({
      execute: async (_, { accessToken }) => {
        throw new ProviderError("provider_bad_answer", `Post says ${accessToken} is odd.`);
      },
    });

    const outcome = await callCapability(callWith(), depsWith(memory, { registry }));

    expect(outcome.text).toBe("Post says [redacted] is odd.");
    expect(JSON.stringify(memory.last("finish_tool_call"))).not.toContain(token);
  });

  it("tells of a fault of ours nothing but that there was one", async () => {
    const memory = database();
    const deps = depsWith(memory, {
      registry: only({
        execute: async () => {
          throw new TypeError("cannot read properties of undefined (reading 'secretTable')");
        },
      }),
    });

    const outcome = await callCapability(callWith(), deps);

    expect(outcome.text).toBe(
      "The tool failed for a reason of its own. Do not try the same again.",
    );
    expect(deps.log).toHaveBeenCalledWith("error", "a tool failed", expect.anything());
  });

  it("cuts an output, and says so", async () => {
    provider = (_, response) => response.end(JSON.stringify({ text: "😀".repeat(50_000) }));
    const memory = database();

    const outcome = await callCapability(
      callWith(),
      depsWith(memory, { maxOutputCharacters: 1_001 }),
    );

    expect(outcome.isTruncated).toBe(true);
    expect(outcome.text.length).toBeLessThan(1_200);
    expect(outcome.text).toMatch(/1001 of \d+ characters/);
    expect(outcome.text).not.toMatch(/\p{Surrogate}/u);
  });

  it("sends a huge output's size to the log, not the output", async () => {
    provider = (_, response) => response.end(JSON.stringify("x".repeat(600_000)));
    const memory = database();

    await callCapability(callWith(), depsWith(memory));

    expect(memory.last("finish_tool_call")?.p_output).toEqual({
      truncated: true,
      characters: 600_002,
    });
  });

  it("keeps out what PostgreSQL takes for no text", async () => {
    const memory = database();
    const registry = only({ execute: async () => ({ "a\u0000": "b\u0000\ud800c" }) });

    const outcome = await callCapability(
      callWith({ input: { name: "no\u0000ra" } }),
      depsWith(memory, { registry }),
    );

    expect(outcome.text).toBe('{"a":"b\ufffdc"}');
    expect(memory.last("begin_tool_call")?.p_input).toEqual({ name: "nora" });
  });

  it.each([
    [
      "a circle",
      () => {
        const it: Record<string, unknown> = {};
        it.it = it;
        return it;
      },
    ],
    ["a function", () => () => 1],
    ["a bigint", () => 1n],
    ["a document of a thousand levels", () => JSON.parse("[".repeat(1000) + "]".repeat(1000))],
  ])("survives an output that is %s", async (_, output) => {
    const memory = database();
    const registry = only({ execute: async () => output() });

    const outcome = await callCapability(callWith(), depsWith(memory, { registry }));

    expect(outcome.status).toBe("failed");
    expect(memory.last("finish_tool_call")).toMatchObject({ p_status: "failed" });
  });

  it("ends when time is over, and hangs up on the provider", async () => {
    const hungUp = new Promise((resolve) => {
      provider = (request) => request.socket.once("close", resolve);
    });
    const memory = database();

    const outcome = await callCapability(callWith(), depsWith(memory, { timeoutMs: 200 }));

    expect(outcome).toMatchObject({
      status: "failed",
      text: expect.stringMatching(/within 1 seconds/),
    });
    await hungUp;
    expect(memory.last("finish_tool_call")).toMatchObject({ p_status: "failed" });
  });

  it("ends when time is over, also when a capability heeds no signal", async () => {
    const registry = only({ execute: () => new Promise(() => {}) });

    const outcome = await callCapability(
      callWith(),
      depsWith(database(), { registry, timeoutMs: 50 }),
    );

    expect(outcome.status).toBe("failed");
  });

  it("lets nothing leave once the call is over", async () => {
    let late: Promise<unknown> = Promise.resolve();
    const registry = only({
      execute: (_, { baseUrl, fetch }) => {
        late = new Promise((resolve) => setTimeout(resolve, 100)).then(() => fetch(baseUrl));
        late.catch(() => undefined);
        return new Promise(() => {});
      },
    });

    await callCapability(callWith(), depsWith(database(), { registry, timeoutMs: 30 }));

    await expect(late).rejects.toThrow();
    expect(requests).toEqual([]);
  });

  it("ends as cancelled when nobody waits any more", async () => {
    const controller = new AbortController();
    provider = () => controller.abort(new Error("the person went away"));
    const memory = database();

    const outcome = await callCapability(callWith({ signal: controller.signal }), depsWith(memory));

    expect(outcome.status).toBe("cancelled");
    expect(memory.last("finish_tool_call")).toMatchObject({ p_status: "cancelled" });
  });

  it("does not go out when it was cancelled before", async () => {
    const memory = database();
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith({ signal: AbortSignal.abort() }), deps);

    expect(outcome.status).toBe("cancelled");
    expect(deps.freshCredential).not.toHaveBeenCalled();
  });

  it("keeps an answer whose row cannot be closed", async () => {
    const memory = database({
      finish_tool_call: () => {
        throw new HttpError(503, "database_unavailable", "The database did not answer.");
      },
    });
    const deps = depsWith(memory);

    const outcome = await callCapability(callWith(), deps);

    expect(outcome.status).toBe("completed");
    expect(deps.log).toHaveBeenCalledWith(
      "error",
      "a tool call was not finished",
      expect.anything(),
    );
  });

  it("is held by the guard of outbound requests", async () => {
    const deps = depsWith(database(), {
      freshCredential: async () =>
        credential({ configuration_metadata: { api_base_url: "http://169.254.169.254" } }),
    });

    const outcome = await callCapability(callWith(), deps);

    expect(outcome).toMatchObject({
      status: "failed",
      text: expect.stringMatching(/The URL is refused/),
    });
  });
});

describe("a token that the provider refuses", () => {
  function refusing(accepted: string | null) {
    provider = (request, response) => {
      response.statusCode = request.headers.authorization === `Bearer ${accepted}` ? 200 : 401;
      response.end("{}");
    };
  }

  it("is replaced once, by a newer one", async () => {
    refusing("renewed-token");
    const freshCredential = vi.fn(
      async (_: string, { rejectedVersion }: { rejectedVersion?: number }) =>
        rejectedVersion === 1
          ? credential({ access_token: "renewed-token", token_version: 2 })
          : credential(),
    );

    const outcome = await callCapability(callWith(), depsWith(database(), { freshCredential }));

    expect(outcome.status).toBe("completed");
    expect(requests).toHaveLength(2);
  });

  it("is not replaced for ever", async () => {
    refusing(null);
    let version = 0;
    const freshCredential = vi.fn(async () => {
      version += 1;
      return credential({ token_version: version });
    });

    const outcome = await callCapability(callWith(), depsWith(database(), { freshCredential }));

    expect(outcome).toMatchObject({
      status: "failed",
      text: expect.stringMatching(/refuses the connection/),
    });
    expect(requests).toHaveLength(2);
    expect(freshCredential).toHaveBeenCalledTimes(2);
  });

  it("is not tried again when there is no newer one", async () => {
    refusing(null);

    const outcome = await callCapability(callWith(), depsWith(database()));

    expect(outcome.status).toBe("failed");
    expect(requests).toHaveLength(1);
  });

  it("is replaced where the refusal comes with status 200, as Slack's does", async () => {
    const refusedFirst = only({
      execute: async (_, { baseUrl, accessToken, fetch }) => {
        await fetch(`${baseUrl}/post`, { method: "POST" });
        if (accessToken === token) {
          throw new ProviderError("provider_unauthorized", "Slack refuses this.", {
            providerStatus: 200,
          });
        }
        return { posted: true };
      },
    });
    const freshCredential = vi.fn(
      async (_: string, { rejectedVersion }: { rejectedVersion?: number }) =>
        rejectedVersion === 1
          ? credential({ access_token: "renewed-token", token_version: 2 })
          : credential(),
    );

    const outcome = await callCapability(
      callWith(),
      depsWith(database(), { registry: refusedFirst, freshCredential }),
    );

    expect(outcome.status).toBe("completed");
    expect(requests).toHaveLength(2);
  });

  it("is left where something may have happened before", async () => {
    const registry = only({
      execute: async (_, { baseUrl, fetch }) => {
        await fetch(`${baseUrl}/send`, { method: "POST" });
        throw new ProviderError("provider_unauthorized", "Post refuses the connection.");
      },
    });
    const freshCredential = vi.fn(async () => credential());

    await callCapability(callWith(), depsWith(database(), { registry, freshCredential }));

    expect(requests).toHaveLength(1);
    expect(freshCredential).toHaveBeenCalledTimes(1);
  });
});
