import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { handleOauthCallback } from "../../functions/oauth-callback/handler.ts";
import { handleOauthStart } from "../../functions/oauth-start/handler.ts";
import { type OAuthServer, startOAuthServer } from "../support/oauth/index.ts";
import { ConnectionMemory, hashOf } from "./connection-memory.ts";
import { organizationId, otherId, userId } from "./samples.ts";

let server: OAuthServer;
let memory: ConnectionMemory;

beforeAll(async () => {
  server = await startOAuthServer();
});
beforeEach(() => {
  server.reset();
  memory = new ConnectionMemory(server);
});
afterAll(() => server.close());

const begin = (more: Record<string, unknown> = {}) =>
  handleOauthStart({ provider: "test", organization_id: organizationId, ...more }, memory.tools());

/** Begins, consents, and comes back; answers what the browser is told. */
async function goThrough(more: Record<string, unknown> = {}) {
  const { authorization_url } = await begin(more);
  const back = await server.visit(authorization_url);
  return { back, ...(await comeBack(back)) };
}

async function comeBack(back: URL, limits = {}) {
  const response = await handleOauthCallback(back, memory.tools(limits));
  const location = response.headers.get("location");
  return {
    response,
    target: location === null ? null : new URL(location),
    outcome: location === null ? {} : Object.fromEntries(new URL(location).searchParams),
  };
}

const first = () => [...memory.connections.values()][0];

describe("oauth-start", () => {
  it("sends the browser to the provider with PKCE, and keeps the hash of the state alone", async () => {
    const { authorization_url } = await begin();
    const url = new URL(authorization_url);
    const asked = Object.fromEntries(url.searchParams);
    const [[hash, kept] = ["", {}]] = memory.states;

    expect(url.origin + url.pathname).toBe(server.endpoints.authorization_endpoint);
    expect(asked).toMatchObject({
      client_id: "ensemble-app",
      response_type: "code",
      redirect_uri: "https://api.example.test/functions/v1/oauth-callback",
      scope: "openid read",
      code_challenge_method: "S256",
    });
    expect(asked.state).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(hash).toBe(hashOf(asked.state ?? ""));
    expect(kept).toMatchObject({ p_user_id: userId, p_expires_in_seconds: 600 });
    expect(JSON.stringify([...memory.states, memory.calls])).not.toContain(asked.state);
    expect(asked.code_challenge).toBe(
      createHash("sha256").update(String(kept.p_code_verifier)).digest("base64url"),
    );
    expect(authorization_url).not.toContain(String(kept.p_code_verifier));
  });

  it("asks in the provider's own way", async () => {
    memory = new ConnectionMemory(server, {
      pkce: false,
      scope_separator: ",",
      scope_parameter: "user_scope",
      extra_authorization_params: { prompt: "consent", state: "fixed", client_id: "theirs" },
    });
    const asked = new URL((await begin()).authorization_url).searchParams;

    expect(asked.get("user_scope")).toBe("openid,read");
    expect(asked.get("prompt")).toBe("consent");
    expect(asked.get("client_id")).toBe("ensemble-app");
    expect(asked.get("state")).not.toBe("fixed");
    expect(asked.has("code_challenge")).toBe(false);
  });

  it("asks again for what a connection has when it is given more", async () => {
    const { id } = memory.add({ scopes: ["openid", "read"] });

    const { authorization_url } = await begin({ connection_id: id, scopes: ["write"] });

    expect(new URL(authorization_url).searchParams.get("scope")).toBe("openid read write");
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ["a provider that is not there", { provider: "other" }, 404, "provider_not_found"],
    ["scopes that the provider has not", { scopes: ["admin"] }, 422, "scope_not_supported"],
    ["a target elsewhere", { redirect_to: "https://evil.test/" }, 422, "redirect_not_allowed"],
    [
      "a target that begins like ours",
      { redirect_to: "https://app.example.test.evil.test/connections" },
      422,
      "redirect_not_allowed",
    ],
    [
      "a target with credentials",
      { redirect_to: "https://app.example.test@evil.test/" },
      422,
      "redirect_not_allowed",
    ],
    ["a target that is code", { redirect_to: "javascript:alert(1)" }, 422, "redirect_not_allowed"],
    [
      "a target without a site",
      { redirect_to: "//evil.test/connections" },
      422,
      "redirect_not_allowed",
    ],
    ["a connection that is not there", { connection_id: otherId }, 404, "connection_not_found"],
  ])("refuses %s", async (_, more, status, code) => {
    await expect(begin(more)).rejects.toMatchObject({ status, code });

    expect(memory.states.size).toBe(0);
  });

  it("refuses to renew somebody else's connection", async () => {
    const { id } = memory.add({ user_id: otherId });

    await expect(begin({ connection_id: id })).rejects.toMatchObject({
      code: "connection_not_found",
    });
  });

  it("refuses those who may not connect accounts, before anything is charged", async () => {
    memory.isMember = false;

    await expect(begin()).rejects.toMatchObject({ status: 403, code: "permission_denied" });

    expect(memory.count("consume_request")).toBe(0);
  });

  it("says what the operator has to set where our app is not registered", async () => {
    const tools = memory.tools();

    await expect(
      handleOauthStart(
        { provider: "test", organization_id: organizationId },
        { ...tools, env: { ...tools.env, OAUTH_TEST_CLIENT_SECRET: "" } },
      ),
    ).rejects.toMatchObject({
      status: 503,
      code: "provider_not_configured",
      hint: expect.stringContaining("OAUTH_TEST_CLIENT_SECRET"),
    });
  });
});

describe("oauth-callback", () => {
  it("keeps what was granted, and sends the browser on with the connection and its code", async () => {
    const { target, response, outcome, back } = await goThrough({
      redirect_to: "https://app.example.test/connections/done?tab=2&error=old&confirmation=old",
      visibility: "organization",
      connection_name: "My account",
    });
    const kept = first();

    expect(response.status).toBe(303);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(target?.origin).toBe("https://app.example.test");
    expect(target?.pathname).toBe("/connections/done");
    expect(outcome).toEqual({
      tab: "2",
      connection: kept?.id,
      confirmation: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
    expect(kept?.status).toBe("unconfirmed");
    expect(kept?.saved.p_confirmation_hash).toBe(hashOf(outcome.confirmation ?? ""));
    expect(kept?.saved).toMatchObject({
      p_user_id: userId,
      p_organization_id: organizationId,
      p_account_id: "account-1",
      p_account_name: "nora@provider.test",
      p_scopes: ["openid", "read"],
      p_expires_in_seconds: 3600,
      p_visibility: "organization",
      p_connection_name: "My account",
    });
    expect(kept?.access_token).toMatch(/^access-/);
    expect(kept?.refresh_token).toMatch(/^refresh-/);
    expect(server.identityTokens).toEqual([kept?.access_token]);
    expect(server.tokenRequests).toHaveLength(1);
    for (const secret of [
      kept?.access_token,
      kept?.refresh_token,
      back.searchParams.get("code"),
      back.searchParams.get("state"),
      "s3cret",
      outcome.confirmation,
    ]) {
      expect(memory.logged.join()).not.toContain(secret);
    }
  });

  it("tells a denied consent", async () => {
    server.behaviour.denial = "access_denied";

    const { outcome } = await goThrough();

    expect(outcome).toEqual({ error: "access_denied" });
    expect(server.tokenRequests).toEqual([]);
    expect(memory.connections.size).toBe(0);
  });

  it("takes each state once", async () => {
    const { back } = await goThrough();

    const { response, target } = await comeBack(back);

    expect(target).toBeNull();
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toContain("oauth_state_not_found");
    expect(memory.connections.size).toBe(1);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it("lets one of two in who show the same state at once", async () => {
    const { authorization_url } = await begin();
    const back = await server.visit(authorization_url);

    const both = await Promise.all([comeBack(back), comeBack(back)]);

    expect(both.map(({ response }) => response.status).sort()).toEqual([303, 404]);
    expect(memory.connections.size).toBe(1);
  });

  it.each<[string, (back: URL) => void, number]>([
    ["a forged state", (back) => back.searchParams.set("state", "A".repeat(43)), 404],
    ["no state", (back) => back.searchParams.delete("state"), 400],
    ["two states", (back) => back.searchParams.append("state", "A".repeat(43)), 400],
    ["a state that is none", (back) => back.searchParams.set("state", "<script>"), 400],
  ])(
    "answers %s with a page of its own, and asks the provider nothing",
    async (_, change, status) => {
      const back = await server.visit((await begin()).authorization_url);
      change(back);

      const { response, target } = await comeBack(back);
      const page = await response.text();

      expect(target).toBeNull();
      expect(response.status).toBe(status);
      expect(page).not.toContain("script");
      expect(server.tokenRequests).toEqual([]);
    },
  );

  it("does not take a state after ten minutes", async () => {
    const back = await server.visit((await begin()).authorization_url);
    memory.now = () => Date.now() + 600_001;

    const { response } = await comeBack(back);

    expect(response.status).toBe(404);
    expect(server.tokenRequests).toEqual([]);
  });

  it("connects the account for whoever began, not for whoever comes back", async () => {
    const { authorization_url } = await handleOauthStart(
      { provider: "test", organization_id: organizationId },
      { ...memory.tools(), userId: otherId },
    );

    await comeBack(await server.visit(authorization_url));

    expect(first()?.saved).toMatchObject({ p_user_id: otherId });
  });

  it("keeps nothing for somebody who was shut out meanwhile, and gives the tokens back", async () => {
    const { authorization_url } = await begin();
    memory.isMember = false;

    const { outcome } = await comeBack(await server.visit(authorization_url));

    expect(outcome).toEqual({ error: "permission_denied" });
    expect(memory.connections.size).toBe(0);
    expect(server.revoked).toEqual([expect.stringMatching(/^refresh-/)]);
  });

  it("does not exchange a code with a verifier that does not fit", async () => {
    const { authorization_url } = await begin();
    for (const state of memory.states.values()) {
      state.p_code_verifier = "v".repeat(43);
    }

    const { outcome } = await comeBack(await server.visit(authorization_url));

    expect(outcome).toEqual({ error: "request_refused" });
    expect(memory.connections.size).toBe(0);
  });

  it("does not take the code of another consent", async () => {
    const back = await server.visit((await begin()).authorization_url);
    const other = await server.visit((await begin()).authorization_url);
    back.searchParams.set("code", other.searchParams.get("code") ?? "");

    const { outcome } = await comeBack(back);

    expect(outcome).toEqual({ error: "request_refused" });
  });

  it("refuses an answer that another issuer signs", async () => {
    const back = await server.visit((await begin()).authorization_url);
    back.searchParams.set("iss", "https://other.provider.test");

    const { outcome } = await comeBack(back);

    expect(outcome).toEqual({ error: "provider_bad_answer" });
    expect(server.tokenRequests).toEqual([]);
  });

  it("takes an answer that names the provider's site as its issuer", async () => {
    const back = await server.visit((await begin()).authorization_url);
    back.searchParams.set("iss", `${server.url}/tenant`);

    expect((await comeBack(back)).outcome).toHaveProperty("connection");
  });

  it("does not keep a connection that was granted less than was asked for", async () => {
    server.behaviour.granted = ["openid"];

    const { outcome } = await goThrough();

    expect(outcome).toEqual({ error: "scopes_missing" });
    expect(memory.connections.size).toBe(0);
    expect(server.revoked).toHaveLength(1);
  });

  it("takes an answer without scopes for all that was asked for", async () => {
    server.behaviour.granted = null;

    await goThrough({ scopes: ["write"] });

    expect(first()?.scopes).toEqual(["openid", "write"]);
  });

  it("knows scopes by other names, with prefixes, and with what they include", async () => {
    memory = new ConnectionMemory(server, {
      default_scopes: ["email", "read"],
      scope_aliases: { email: "userinfo.email" },
      scope_prefix: "https://api.test/",
      implied_scopes: { write: ["read"] },
      unreported_scopes: ["openid"],
    });
    server.behaviour.granted = ["https://api.test/write", "userinfo.email"];

    const { outcome } = await goThrough();

    expect(outcome).toHaveProperty("connection");
    expect(first()?.scopes.sort()).toEqual(["email", "openid", "read", "write"]);
  });

  it("renews a connection, and keeps its refresh token where the provider sends none", async () => {
    const { id } = memory.add({ refresh_token: "kept" });
    server.behaviour.tokenAnswer = (answer) => {
      answer.body = { ...(answer.body as object), refresh_token: undefined };
    };

    const { outcome } = await goThrough({ connection_id: id });

    expect(outcome).toEqual({ connection: id });
    expect(memory.connections.get(id)).toMatchObject({
      refresh_token: "kept",
      access_token: expect.stringMatching(/^access-/),
    });
  });

  it("does not renew a connection with another account", async () => {
    const { id } = memory.add({ account_id: "account-2", access_token: "before" });

    const { outcome } = await goThrough({ connection_id: id });

    expect(outcome).toEqual({ error: "connection_account_differs" });
    expect(memory.connections.get(id)?.access_token).toBe("before");
  });

  it("keeps nothing when it does not learn whose account it is", async () => {
    server.behaviour.identity = { name: "without an id" };

    expect((await goThrough()).outcome).toEqual({ error: "identity_unavailable" });
    expect(memory.connections.size).toBe(0);
  });

  it("says that a provider does not know our app", async () => {
    server.behaviour.tokenAnswer = (answer) => {
      answer.statusCode = 401;
      answer.body = { error: "invalid_client", error_description: "Not s3cret of the app" };
    };

    expect((await goThrough()).outcome).toEqual({ error: "client_refused" });
    expect(memory.logged.join()).toContain("invalid_client");
    expect(memory.logged.join()).not.toContain("s3cret of the app");
  });

  it("says that a provider is down", async () => {
    const { authorization_url } = await begin();
    const back = await server.visit(authorization_url);
    memory.provider = { ...memory.provider, token_endpoint: "http://127.0.0.1:9/token" };

    expect((await comeBack(back)).outcome).toEqual({ error: "provider_unavailable" });
  });

  it("does not wait for a slow provider without end", async () => {
    const back = await server.visit((await begin()).authorization_url);
    server.behaviour.tokenDelayMs = 3_000;

    const begun = Date.now();
    const { outcome } = await comeBack(back, { timeoutMs: 300 });

    expect(outcome).toEqual({ error: "provider_timeout" });
    expect(Date.now() - begun).toBeLessThan(2_000);
  });

  it.each<[string, number, string, string]>([
    ["no JSON", 200, "<html>hello</html>", "provider_bad_answer"],
    ["a list", 200, "[]", "provider_bad_answer"],
    ["no token", 200, '{"token_type":"bearer"}', "provider_bad_answer"],
    [
      "a token that is no text",
      200,
      '{"access_token":{},"token_type":"bearer"}',
      "provider_bad_answer",
    ],
    [
      "a token of a kind that we cannot show",
      200,
      '{"access_token":"a","token_type":"mac"}',
      "provider_bad_answer",
    ],
    [
      "a lifetime that is none",
      200,
      '{"access_token":"a","token_type":"bearer","expires_in":"soon"}',
      "provider_bad_answer",
    ],
    ["an error with status 200", 200, '{"error":"bad_verification_code"}', "grant_refused"],
    ["an error of the server", 500, "oops", "provider_unavailable"],
    ["a limit", 429, "{}", "provider_unavailable"],
    ["a redirect", 302, "", "provider_bad_answer"],
    [
      "more than anybody reads",
      200,
      `{"access_token":"${"a".repeat(200_000)}"}`,
      "provider_bad_answer",
    ],
  ])("makes nothing of an answer with %s", async (_, status, body, code) => {
    const back = await server.visit((await begin()).authorization_url);
    server.behaviour.intercept = (request, response) => {
      if (request.url !== "/token") {
        return false;
      }
      response.writeHead(status, { "content-type": "application/json", location: "/elsewhere" });
      response.end(body);
      return true;
    };

    const { outcome } = await comeBack(back, { maxBytes: 100_000 });

    expect(outcome).toEqual({ error: code });
    expect(memory.connections.size).toBe(0);
  });

  it("understands Slack: ok, commas, and tokens of bots", async () => {
    memory = new ConnectionMemory(server, {
      token_response: { ok_path: "ok", metadata: { team: "team.name" } },
      tokens_expire: false,
    });
    server.behaviour.tokenAnswer = (answer) => {
      answer.body = {
        ok: true,
        access_token: "xoxb-1",
        token_type: "bot",
        scope: "openid,read",
        team: { name: "Acme" },
      };
    };

    await goThrough();

    expect(first()?.saved).toMatchObject({
      p_access_token: "xoxb-1",
      p_scopes: ["openid", "read"],
      p_expires_in_seconds: null,
      p_refresh_token: null,
      p_metadata: { team: "Acme" },
    });

    server.behaviour.tokenAnswer = (answer) => {
      answer.body = { ok: false, error: "code_already_used" };
    };
    expect((await goThrough()).outcome).toEqual({ error: "grant_refused" });
  });

  it("understands Notion: JSON both ways, with the app's name in a header", async () => {
    memory = new ConnectionMemory(server, {
      pkce: false,
      token_request_format: "json",
      token_headers: { "Notion-Version": "2022-06-28" },
    });
    const seen: Record<string, unknown>[] = [];
    server.behaviour.intercept = (request, response) => {
      if (request.url !== "/token") {
        return false;
      }
      let text = "";
      request.on("data", (piece) => {
        text += piece;
      });
      request.on("end", () => {
        seen.push({ ...JSON.parse(text), headers: request.headers });
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"access_token":"n","token_type":"bearer","refresh_token":null}');
      });
      return true;
    };

    const { outcome } = await goThrough();

    expect(outcome).toHaveProperty("connection");
    expect(seen[0]).toMatchObject({
      grant_type: "authorization_code",
      headers: {
        "content-type": "application/json",
        "notion-version": "2022-06-28",
        authorization: expect.stringMatching(/^Basic /),
      },
    });
    expect(seen[0]).not.toHaveProperty("code_verifier");
  });

  it("sends nobody to a page that is not allowed any longer", async () => {
    const { authorization_url } = await begin();
    for (const state of memory.states.values()) {
      state.p_redirect_to = "https://former.example.test/";
    }

    const { target, response } = await comeBack(await server.visit(authorization_url));

    expect(target).toBeNull();
    expect(response.status).toBe(422);
  });

  it("names no more than a code when something breaks on our side", async () => {
    memory.failing.set(
      "save_oauth_connection",
      new HttpError(500, "internal_error", "Something went wrong on our side."),
    );

    const { outcome } = await goThrough();

    expect(outcome).toEqual({ error: "internal_error" });
  });
});
