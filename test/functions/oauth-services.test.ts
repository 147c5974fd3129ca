import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { providerMetadata } from "../../functions/_shared/connections/provider.ts";
import { handleConnectService } from "../../functions/connect-service/handler.ts";
import { handleDisconnectService } from "../../functions/disconnect-service/handler.ts";
import { type OAuthServer, startOAuthServer } from "../support/oauth/index.ts";
import { certificate } from "../support/smtp/certificate.ts";
import { startSmtpServer, type TestSmtpServer } from "../support/smtp/index.ts";
import { ConnectionMemory, type KeptConnection } from "./connection-memory.ts";
import { organizationId, otherId, userId } from "./samples.ts";

let oauth: OAuthServer;
let smtp: TestSmtpServer;
let memory: ConnectionMemory;

/** A provider's API that takes one key, and whatever a test says. */
let seen: IncomingMessage[] = [];
let answer = { status: 200, body: "{}" };
let bodies: string[] = [];
const api: Server = createServer(async (request, response) => {
  seen.push(request);
  let body = "";
  for await (const piece of request.setEncoding("utf8")) {
    body += piece;
  }
  bodies.push(body);
  const isKnown = /good-key|YXBpOmdvb2Qta2V5|Basic|xoxb/.test(JSON.stringify(request.headers));
  response.writeHead(isKnown ? answer.status : 401, { "content-type": "application/json" });
  response.end(isKnown ? answer.body : '{"error":{"message":"Unknown key bad-key-of-mine"}}');
});
let apiUrl = "";

beforeAll(async () => {
  [oauth, smtp] = await Promise.all([startOAuthServer(), startSmtpServer()]);
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});
beforeEach(() => {
  oauth.reset();
  memory = new ConnectionMemory(oauth);
  [seen, bodies, answer] = [[], [], { status: 200, body: "{}" }];
});
afterAll(() => Promise.all([oauth.close(), smtp.close(), api.close()]));

const key = { type: "string", minLength: 1, maxLength: 500 };

function apiKeyProvider(metadata: Record<string, unknown> = {}) {
  memory.provider = {
    ...memory.provider,
    provider_type: "api_key",
    configuration_metadata: providerMetadata.parse({
      api_base_url: apiUrl,
      headers: { "x-version": "7" },
      auth_header: { name: "Authorization", prefix: "Bearer ", from: "api_key" },
      credential_schema: {
        type: "object",
        properties: { api_key: key, domain: key, region: { type: "string", enum: ["us", "eu"] } },
        required: ["api_key"],
        additionalProperties: false,
      },
      check: { method: "get", path: "/models" },
      ...metadata,
    }),
  };
}

const connect = (credential: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  handleConnectService(
    { provider: "test", organization_id: organizationId, credential, ...more },
    memory.tools(),
  );

describe("connect-service", () => {
  it("tries a key at the provider, and keeps it", async () => {
    apiKeyProvider();

    const { connection } = await connect({ api_key: "good-key" }, { connection_name: "Ours" });

    expect(seen[0]).toMatchObject({ method: "GET", url: "/models" });
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer good-key", "x-version": "7" });
    expect(memory.connections.get(connection.id)?.saved).toMatchObject({
      p_user_id: userId,
      p_credential: { api_key: "good-key" },
      p_connection_name: "Ours",
    });
    expect(JSON.stringify([connection, memory.logged])).not.toContain("good-key");
  });

  it("asks in the region and the way that the service has", async () => {
    apiKeyProvider({
      api_base_url: "https://nowhere.test",
      regions: { eu: `${apiUrl}/eu/` },
      auth_header: { scheme: "basic", username: "api", from: "api_key" },
      check: { method: "get", path: "/domains/{domain}" },
    });

    await connect({ api_key: "good-key", domain: "a/../b", region: "eu" });

    expect(seen[0]?.url).toBe("/eu/domains/a%2F..%2Fb");
    expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa("api:good-key")}`);
  });

  it("does not keep a key that the provider refuses, nor repeat it", async () => {
    apiKeyProvider();

    await expect(connect({ api_key: "bad-key-of-mine" })).rejects.toMatchObject({
      status: 422,
      code: "credential_refused",
      message: expect.not.stringContaining("bad-key-of-mine"),
    });

    expect(memory.count("save_key_connection")).toBe(0);
  });

  it("does not keep a key that nobody could try", async () => {
    apiKeyProvider();
    answer = { status: 503, body: "down" };
    await expect(connect({ api_key: "good-key" })).rejects.toMatchObject({
      code: "provider_unavailable",
    });
    apiKeyProvider({ api_base_url: "http://127.0.0.1:9" });
    await expect(connect({ api_key: "good-key" })).rejects.toMatchObject({
      code: "outbound_unreachable",
    });

    expect(memory.count("save_key_connection")).toBe(0);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["lacks the key", {}, ["api_key"]],
    ["has more than there is", { api_key: "good-key", extra: "secret-thing" }, ["extra"]],
    ["has another type", { api_key: 7 }, ["api_key"]],
    ["names no region of the service", { api_key: "good-key", region: "mars" }, ["region"]],
  ])("refuses a credential that %s, by the names of its fields alone", async (_, given, fields) => {
    apiKeyProvider();

    await expect(connect(given)).rejects.toMatchObject({
      status: 400,
      code: "credential_invalid",
      details: { fields },
      message: expect.not.stringContaining("secret-thing"),
    });
    expect(seen).toEqual([]);
  });

  it("asks no provider for those who may not connect, and none by the wrong door", async () => {
    apiKeyProvider();
    memory.isMember = false;
    await expect(connect({ api_key: "good-key" })).rejects.toMatchObject({
      code: "permission_denied",
    });
    memory.provider = { ...memory.provider, provider_type: "oauth" };
    await expect(connect({ api_key: "good-key" })).rejects.toMatchObject({
      code: "provider_not_found",
    });

    expect(seen).toEqual([]);
  });

  describe("with a mail server", () => {
    const login = (more: Record<string, unknown> = {}) => ({
      host: "127.0.0.1",
      port: smtp.port,
      security: "starttls",
      username: "ensemble",
      password: "correct horse",
      from_email: "nora@example.test",
      ...more,
    });
    const connectMail = (credential: Record<string, unknown>) => {
      const tools = memory.tools();
      return handleConnectService(
        { provider: "test", organization_id: organizationId, credential },
        { ...tools, env: { ...tools.env, SMTP_CA: certificate } },
      );
    };

    beforeEach(() => {
      memory.provider = {
        ...memory.provider,
        provider_type: "smtp",
        configuration_metadata: providerMetadata.parse({}),
      };
    });

    it("signs in, sends nothing, and keeps the login", async () => {
      const { connection } = await connectMail(login());

      expect(memory.connections.get(connection.id)?.saved).toMatchObject({
        p_account_name: "nora@example.test",
      });
      expect(smtp.mails).toEqual([]);
    });

    it("trusts the provider's own certificate authority, as sending does", async () => {
      memory.provider = {
        ...memory.provider,
        configuration_metadata: providerMetadata.parse({ ca: certificate }),
      };
      const credential = login();

      await handleConnectService(
        { provider: "test", organization_id: organizationId, credential },
        memory.tools(),
      );

      expect(memory.count("save_key_connection")).toBe(1);
    });

    it.each<[string, Record<string, unknown>, string]>([
      ["a wrong password", { password: "battery staple" }, "credential_refused"],
      ["a port where nobody is", { port: 9 }, "provider_unavailable"],
      ["TLS from the start where there is none", { security: "tls" }, "provider_unavailable"],
      ["a private address", { host: "10.0.0.1", port: 587 }, "credential_refused"],
      ["a port that is none of mail's", { host: "93.184.215.14", port: 22 }, "credential_refused"],
    ])("does not keep %s", async (_, more, code) => {
      await expect(connectMail(login(more))).rejects.toMatchObject({ code });

      expect(memory.count("save_key_connection")).toBe(0);
      expect(memory.logged.join()).not.toContain("battery staple");
    });
  });
});

describe("disconnect-service", () => {
  let connection: KeptConnection;
  const disconnect = (id = connection.id) =>
    handleDisconnectService({ connection_id: id }, memory.tools());

  beforeEach(() => {
    connection = memory.add({ access_token: "access-1", refresh_token: "refresh-1" });
  });

  it("takes the consent back at the provider, and ends the connection", async () => {
    const result = await disconnect();

    expect(result).toMatchObject({
      revoked: true,
      reason: null,
      connection: { id: connection.id },
    });
    expect(oauth.revoked).toEqual(["refresh-1"]);
    expect(connection.status).toBe("disconnected");
  });

  it("ends it all the same when the provider is down, and says so", async () => {
    memory.provider = { ...memory.provider, revocation_endpoint: "http://127.0.0.1:9/revoke" };

    expect(await disconnect()).toMatchObject({ revoked: false, reason: "provider_unavailable" });
    expect(connection.status).toBe("disconnected");
    expect(memory.logged.join()).not.toMatch(/refresh-1|access-1/);
  });

  it.each([500, 400, 302])("ends it when the provider answers %i", async (status) => {
    oauth.behaviour.intercept = (_, response) => {
      response.writeHead(status).end("{}");
      return true;
    };

    expect(await disconnect()).toMatchObject({ revoked: false });
    expect(connection.status).toBe("disconnected");
  });

  it("counts a token that the provider does not know any more as taken back", async () => {
    oauth.behaviour.intercept = (_, response) => {
      response.writeHead(400).end('{"error":"invalid_token"}');
      return true;
    };

    expect(await disconnect()).toMatchObject({ revoked: true });
  });

  it("does not take back a consent that other connections live by", async () => {
    memory = new ConnectionMemory(oauth, { revocation: { scope: "account" } });
    connection = memory.add();
    const other = memory.add();

    expect(await disconnect()).toMatchObject({ revoked: false, reason: "account_shared" });
    expect(oauth.revoked).toEqual([]);

    memory.connections.delete(connection.id);
    connection = other;
    expect(await disconnect()).toMatchObject({ revoked: true });
  });

  it("says where a provider has no way to take a consent back", async () => {
    memory.provider = { ...memory.provider, revocation_endpoint: null };

    expect(await disconnect()).toMatchObject({ revoked: false, reason: "not_supported" });
    expect(connection.status).toBe("disconnected");
  });

  it("takes consent back as GitHub wants it: by the app, with the token as JSON", async () => {
    memory = new ConnectionMemory(oauth, {
      revocation: {
        method: "DELETE",
        auth: "client",
        format: "json",
        parameter: "access_token",
        revokes: "access_token",
      },
    });
    memory.provider = {
      ...memory.provider,
      revocation_endpoint: `${apiUrl}/applications/{client_id}/grant`,
    };
    connection = memory.add({ access_token: "access-1" });
    answer = { status: 204, body: "" };

    expect(await disconnect()).toMatchObject({ revoked: true });
    expect(seen[0]).toMatchObject({ method: "DELETE", url: "/applications/ensemble-app/grant" });
    expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa("ensemble-app:s3cret of the app")}`);
    expect(JSON.parse(bodies[0] ?? "")).toEqual({ access_token: "access-1" });
  });

  it("takes consent back as Slack wants it: by the token itself, and believes ok alone", async () => {
    memory = new ConnectionMemory(oauth, {
      revocation: { auth: "bearer", revokes: "access_token" },
      token_response: { ok_path: "ok" },
    });
    memory.provider = { ...memory.provider, revocation_endpoint: `${apiUrl}/auth.revoke` };
    connection = memory.add({ access_token: "xoxb-1" });
    answer = { status: 200, body: '{"ok":true,"revoked":true}' };

    expect(await disconnect()).toMatchObject({ revoked: true });
    expect(seen[0]?.headers.authorization).toBe("Bearer xoxb-1");

    connection = memory.add({ access_token: "xoxb-2" });
    answer = { status: 200, body: '{"ok":false,"error":"fatal_error"}' };
    expect(await disconnect()).toMatchObject({ revoked: false, reason: "request_refused" });
  });

  it("is not for others, and tells them nothing", async () => {
    connection.user_id = otherId;

    await expect(disconnect()).rejects.toMatchObject({ code: "connection_not_found" });

    expect(oauth.revoked).toEqual([]);
    expect(memory.count("revocation_credential")).toBe(0);
    expect(connection.status).toBe("active");
  });
});
