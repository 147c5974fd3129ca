import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freshCredential } from "../../functions/_shared/connections/fresh-credential.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { workOnTokens } from "../../functions/token-refresher/handler.ts";
import type { ClaimedJob } from "../../types/schemas.ts";
import { type OAuthServer, startOAuthServer } from "../support/oauth/index.ts";
import { ConnectionMemory, type KeptConnection } from "./connection-memory.ts";
import { organizationId, otherId } from "./samples.ts";

let server: OAuthServer;
let memory: ConnectionMemory;
let connection: KeptConnection;

beforeAll(async () => {
  server = await startOAuthServer();
});
beforeEach(() => {
  server.reset();
  memory = new ConnectionMemory(server);
  connection = memory.add({ refresh_token: server.issueRefreshToken(["openid", "read"]) });
});
afterAll(() => server.close());

const fresh = (options = {}) => freshCredential(connection.id, memory.tools(), options);
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("a fresh credential", () => {
  it("is the one there is while its token is good", async () => {
    connection.token_expires_at = inMs(3_600_000);

    const credential = await fresh();

    expect(credential).toMatchObject({ access_token: "access-old", token_version: 1 });
    expect(memory.count("claim_token_refresh")).toBe(0);
    expect(server.tokenRequests).toEqual([]);
  });

  it("is the one there is where tokens do not end", async () => {
    connection.token_expires_at = null;

    expect(await fresh()).toMatchObject({ access_token: "access-old" });
    expect(server.tokenRequests).toEqual([]);
  });

  it("is refreshed when its token ended, and the next refresh token is kept", async () => {
    const before = connection.refresh_token;

    const credential = await fresh();

    expect(credential.token_version).toBe(2);
    expect(credential.access_token).toMatch(/^access-/);
    expect(connection.refresh_token).not.toBe(before);
    expect(server.tokenRequests).toMatchObject([
      { grantType: "refresh_token", body: { refresh_token: before } },
    ]);

    connection.token_expires_at = inMs(-1);
    await fresh();

    expect(connection.token_version).toBe(3);
  });

  it("keeps its refresh token where the provider does not rotate them", async () => {
    server.behaviour.rotates = false;
    const before = connection.refresh_token;

    await fresh();

    expect(connection.refresh_token).toBe(before);
  });

  it("is asked for once by fifty callers", async () => {
    server.behaviour.tokenDelayMs = 150;

    const credentials = await Promise.all(Array.from({ length: 50 }, () => fresh()));

    expect(server.tokenRequests).toHaveLength(1);
    expect(new Set(credentials.map((one) => one.access_token)).size).toBe(1);
    expect(credentials[0]?.token_version).toBe(2);
  });

  it("is asked for once by fifty callers whose token was rejected", async () => {
    connection.token_expires_at = inMs(3_600_000);
    server.behaviour.tokenDelayMs = 150;

    const credentials = await Promise.all(
      Array.from({ length: 50 }, () => fresh({ rejectedVersion: 1 })),
    );

    expect(server.tokenRequests).toHaveLength(1);
    expect(credentials.every((one) => one.token_version === 2)).toBe(true);
    expect(memory.events).toEqual([]);
  });

  it("is not refreshed again when somebody hears late that the one before was rejected", async () => {
    await fresh();

    const credential = await fresh({ rejectedVersion: 1 });

    expect(credential.token_version).toBe(2);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it("ends with one event when a new token is rejected as well", async () => {
    connection.token_expires_at = inMs(3_600_000);
    await fresh({ rejectedVersion: 1 });

    await expect(fresh({ rejectedVersion: 2 })).rejects.toMatchObject({
      status: 409,
      code: "connection_expired",
    });
    await expect(fresh({ rejectedVersion: 2 })).rejects.toMatchObject({
      code: "connection_expired",
    });

    expect(server.tokenRequests).toHaveLength(1);
    expect(memory.events).toEqual(["connection.expired"]);
    expect(connection.status).toBe("error");
  });

  it("does not chase tokens that end as soon as they are given", async () => {
    server.behaviour.expiresIn = 1;

    const credential = await fresh();

    expect(credential.token_version).toBe(2);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it("is given up when the provider refuses the refresh token, with one event", async () => {
    connection.refresh_token = "revoked";

    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => fresh()));

    expect(attempts.every(({ status }) => status === "rejected")).toBe(true);
    expect(attempts[0]).toMatchObject({ reason: { code: "connection_expired" } });
    expect(connection.status).toBe("expired");
    expect(memory.events).toEqual(["connection.expired"]);
    expect(server.tokenRequests).toHaveLength(1);
    expect(memory.logged.join()).not.toContain("revoked");
  });

  it("reads again before it gives up: others may have refreshed meanwhile", async () => {
    // The answer says no, and in the same moment another's new tokens are there.
    server.behaviour.tokenAnswer = (answer) => {
      answer.statusCode = 400;
      answer.body = { error: "invalid_grant" };
      Object.assign(connection, {
        access_token: "access-of-another",
        token_version: 2,
        token_expires_at: inMs(3_600_000),
      });
    };

    const credential = await fresh();

    expect(credential.access_token).toBe("access-of-another");
    expect(connection.status).toBe("active");
    expect(memory.events).toEqual([]);
  });

  it.each<[string, number, unknown]>([
    ["is down", 503, "down"],
    ["limits us", 429, { error: "slow_down" }],
    ["does not know our app", 401, { error: "invalid_client" }],
    ["answers with a page", 403, "<html>"],
  ])(
    "waits when the provider %s, and does not ask again before its time",
    async (_, status, body) => {
      server.behaviour.intercept = (request, response) => {
        if (request.url !== "/token") {
          return false;
        }
        server.tokenRequests.push({ grantType: "refresh_token", body: {}, headers: {} });
        response.writeHead(status, { "retry-after": "120" });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
        return true;
      };

      await expect(fresh()).rejects.toMatchObject({
        status: 503,
        code: "connection_unavailable",
        retryAfterSeconds: expect.toSatisfy((seconds) => seconds > 100 && seconds <= 120),
      });
      await expect(fresh()).rejects.toMatchObject({ code: "connection_unavailable" });

      expect(server.tokenRequests).toHaveLength(1);
      expect(connection.status).toBe("active");

      server.behaviour.intercept = undefined;
      const later = Date.now() + 121_000;
      memory.now = () => later;
      expect((await fresh()).token_version).toBe(2);
    },
  );

  it("is the old one while that is good, when refreshing ahead fails", async () => {
    connection.token_expires_at = inMs(20_000);
    memory.provider = { ...memory.provider, token_endpoint: "http://127.0.0.1:9/token" };

    expect(await fresh()).toMatchObject({ access_token: "access-old", token_version: 1 });
  });

  it("is the old one while that is good, when somebody else refreshes ahead", async () => {
    connection.token_expires_at = inMs(20_000);
    server.behaviour.tokenDelayMs = 300;
    const first = fresh();
    await vi.waitFor(() => expect(memory.count("claim_token_refresh")).toBe(1));

    expect(await fresh()).toMatchObject({ access_token: "access-old" });
    expect((await first).token_version).toBe(2);
  });

  it("is not waited for without end", async () => {
    server.behaviour.tokenDelayMs = 1_000;
    const first = fresh();
    await vi.waitFor(() => expect(memory.count("claim_token_refresh")).toBe(1));

    await expect(fresh({ patienceMs: 200 })).rejects.toMatchObject({
      code: "connection_refreshing",
      retryAfterSeconds: 5,
    });
    await first;
  });

  it("is refreshed to the end even if its caller leaves", async () => {
    server.behaviour.tokenDelayMs = 200;
    const caller = new AbortController();
    const asked = fresh({ signal: caller.signal });
    await vi.waitFor(() => expect(memory.count("claim_token_refresh")).toBe(1));
    caller.abort(new Error("left"));

    await expect(asked).rejects.toThrow("left");

    expect(connection.token_version).toBe(2);
  });

  it("is not waited for by a caller that left", async () => {
    server.behaviour.tokenDelayMs = 400;
    const first = fresh();
    await vi.waitFor(() => expect(memory.count("claim_token_refresh")).toBe(1));

    await expect(fresh({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    await first;
  });

  it("does not outlive its connection: what came for one that ended is revoked", async () => {
    server.behaviour.tokenDelayMs = 200;
    const asked = fresh();
    await vi.waitFor(() => expect(memory.count("claim_token_refresh")).toBe(1));
    connection.status = "disconnected";

    await expect(asked).rejects.toMatchObject({ status: 409 });

    expect(server.revoked).toEqual([expect.stringMatching(/^refresh-/)]);
  });

  it("tells of connections that expired, or are not there", async () => {
    connection.status = "expired";

    await expect(fresh()).rejects.toMatchObject({ code: "connection_expired" });
    await expect(freshCredential(otherId, memory.tools())).rejects.toMatchObject({
      code: "connection_not_found",
    });
  });

  it("takes scopes that a refresh narrows", async () => {
    server.behaviour.granted = ["openid"];

    expect((await fresh()).scopes).toEqual(["openid"]);
  });

  it("is a bot's where the service works with bots, in the place that the person chose", async () => {
    memory = new ConnectionMemory(server, {
      bot: { variable: "OAUTH_TEST_BOT_TOKEN", bound_to: "guild_id" },
    });
    connection = memory.add({ token_expires_at: inMs(3_600_000) });
    const tools = memory.tools();

    const credential = await freshCredential(connection.id, {
      ...tools,
      env: { ...tools.env, OAUTH_TEST_BOT_TOKEN: "of the bot" },
    });

    expect(credential.credential).toEqual({ bot_token: "of the bot", guild_id: "77" });

    const again = await freshCredential(
      connection.id,
      { ...tools, env: { ...tools.env, OAUTH_TEST_BOT_TOKEN: "of the bot" } },
      { rejectedVersion: credential.token_version },
    );
    expect(again.token_version).toBe(credential.token_version);
    expect(memory.count("claim_token_refresh")).toBe(0);
    await expect(fresh()).rejects.toMatchObject({ code: "provider_not_configured" });
  });
});

describe("token-refresher", () => {
  const job = (payload: Record<string, unknown>, kind = "refresh_token"): ClaimedJob =>
    ({ id: 1, kind, payload, organization_id: organizationId, lease_token: 1 }) as never;
  const queue = { complete: vi.fn(), fail: vi.fn() };
  const work = (given: ClaimedJob) => workOnTokens(given, { ...memory.tools(), queue });

  beforeEach(() => vi.clearAllMocks());

  it("refreshes tokens ahead of their end, by the version that the engine saw", async () => {
    connection.token_expires_at = inMs(300_000);

    const outcome = await work(job({ connection_id: connection.id, token_version: 1 }));

    expect(outcome).toBe("refreshed");
    expect(connection.token_version).toBe(2);
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  describe("with a consent whose connection is gone", () => {
    const consentId = "00000000-0000-4000-8000-0000000000cc";
    const revoke = () => work(job({ consent_id: consentId }, "revoke_consent"));

    beforeEach(() => memory.lose(connection, consentId));

    it("takes it back at the provider, and forgets the tokens", async () => {
      expect(await revoke()).toBe("revoked");

      expect(server.revoked).toEqual([connection.refresh_token]);
      expect(memory.consents.size).toBe(0);
      expect(queue.complete).toHaveBeenCalledOnce();
    });

    it("asks again later while the provider is down, and keeps the tokens for that", async () => {
      memory.provider = { ...memory.provider, revocation_endpoint: "http://127.0.0.1:9/revoke" };

      expect(await revoke()).toBe("retry");

      expect(memory.consents.size).toBe(1);
      expect(queue.fail).toHaveBeenCalledWith(expect.anything(), {
        error: "provider_unavailable",
        permanent: false,
      });
    });

    it("forgets what the provider does not want to take back", async () => {
      server.behaviour.intercept = (_, response) => {
        response.writeHead(400).end("{}");
        return true;
      };

      expect(await revoke()).not.toBe("retry");

      expect(memory.consents.size).toBe(0);
      expect(queue.complete).toHaveBeenCalledOnce();
    });

    it("is done when the engine has given it up", async () => {
      memory.consents.clear();

      expect(await revoke()).toBe("not_supported");
      expect(server.revoked).toEqual([]);
    });
  });

  it("leaves newer tokens alone", async () => {
    connection.token_version = 2;

    const outcome = await work(job({ connection_id: connection.id, token_version: 1 }));

    expect(outcome).toBe("fresh");
    expect(server.tokenRequests).toEqual([]);
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("leaves what may pass to a later turn of the engine", async () => {
    memory.provider = { ...memory.provider, token_endpoint: "http://127.0.0.1:9/token" };

    const outcome = await work(job({ connection_id: connection.id, token_version: 1 }));

    expect(outcome).toBe("waiting");
    expect(queue.complete).toHaveBeenCalledOnce();
    expect(memory.events).toEqual([]);
  });

  it("has nothing to do for a connection that went", async () => {
    expect(await work(job({ connection_id: otherId, token_version: 1 }))).toBe("inactive");
    expect(queue.complete).toHaveBeenCalledOnce();
  });

  it("buries jobs that it cannot do, and passes on that the database is away", async () => {
    expect(await work(job({ connection_id: "?" }))).toBe("failed");
    expect(queue.fail).toHaveBeenCalledWith(expect.anything(), {
      error: expect.any(String),
      permanent: true,
    });

    memory.failing.set("claim_token_refresh", new HttpError(503, "database_unavailable", "Away"));
    await expect(
      work(job({ connection_id: connection.id, token_version: 1 })),
    ).rejects.toMatchObject({ code: "database_unavailable" });
    expect(queue.complete).not.toHaveBeenCalled();
  });
});
