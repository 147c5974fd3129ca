import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshCredential } from "../../../functions/_shared/connections/fresh-credential.ts";
import { clientRpc } from "../../../functions/_shared/database/client-rpc.ts";
import { outboundFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import type { Stack } from "../../../scripts/stack/index.ts";
import { Internet } from "../../support/internet/internet.ts";
import {
  clientId,
  clientSecret,
  type OAuthServer,
  startOAuthServer,
} from "../../support/oauth/index.ts";
import { certificate } from "../../support/smtp/certificate.ts";
import { startSmtpServer, type TestSmtpServer } from "../../support/smtp/index.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

const page = "https://app.example.test/connections";
const env = { OAUTH_LINEAR_CLIENT_ID: clientId, OAUTH_LINEAR_CLIENT_SECRET: clientSecret };
let stack: Stack;
let service: SupabaseClient;
let server: OAuthServer;
let smtp: TestSmtpServer;
let person: Person;

beforeAll(async () => {
  [server, smtp] = await Promise.all([startOAuthServer(), startSmtpServer()]);
  stack = await startTestStack({
    functionsEnv: { ...env, OAUTH_REDIRECT_URLS: page, SMTP_CA: certificate },
  });
  service = clientOf(stack, stack.keys.secretKey);
  // The operator points a provider to the server on this machine; all else is as it is seeded.
  const { configuration_metadata: metadata } = must(
    await service
      .from("service_providers")
      .select("configuration_metadata")
      .eq("name", "linear")
      .single(),
  );
  const identity = {
    url: `${server.url}/userinfo`,
    id_path: "sub",
    name_path: "email",
    scopes: [],
  };
  must(
    await service
      .from("service_providers")
      .update({
        ...server.endpoints,
        configuration_metadata: {
          ...metadata,
          identity,
          scope_separator: " ",
          revocation: { revokes: "refresh_token" },
        },
      })
      .eq("name", "linear")
      .select("id")
      .single(),
  );
});
beforeEach(async () => {
  server.reset();
  person = await newPerson(stack);
});
afterAll(() => Promise.all([stack?.stop(), server?.close(), smtp?.close()]));

/** Calls a function as a user does; answers status and body. */
async function call(name: string, body: Record<string, unknown>, by = person) {
  const { data, response } = await by.client.functions.invoke(name, { body });
  return { status: response?.status, body: data ?? (await response?.json()) };
}

const begin = (more: Record<string, unknown> = {}, by = person) =>
  call("oauth-start", { provider: "linear", organization_id: by.organizationId, ...more }, by);

/** Comes back from the provider, as a browser does: with nothing but the address. */
async function comeBack(address: URL) {
  const response = await fetch(address, { redirect: "manual" });
  const location = response.headers.get("location");
  return {
    status: response.status,
    text: await response.text(),
    target: location,
    outcome: location ? Object.fromEntries(new URL(location).searchParams) : {},
  };
}

/** As the page does that the browser comes back to, for who is signed in. */
const confirm = (outcome: Record<string, string>, by = person) =>
  by.client.rpc("confirm_connection", {
    p_connection_id: outcome.connection ?? "",
    p_code: outcome.confirmation ?? "",
  });

async function connect(more: Record<string, unknown> = {}): Promise<string> {
  const { body } = await begin(more);
  const { outcome } = await comeBack(await server.visit(body.authorization_url));
  if (outcome.confirmation) {
    must(await confirm(outcome));
  }
  return outcome.connection ?? `not connected: ${outcome.error}`;
}

const connectionOf = async (id: string, by = person.client) =>
  must(
    await by
      .from("user_integration_credentials")
      .select(
        "id, user_id, connection_status, scopes_granted, account_id, account_name, visibility, token_version, token_expires_at, last_error",
      )
      .eq("id", id)
      .maybeSingle(),
  );

/** What a function that works for agents has. */
const tools = () => ({
  rpc: clientRpc(service, "service"),
  fetch: outboundFetch(new Internet().network(true), { timeoutMs: 20_000 }),
  env,
  log: () => undefined,
});

describe("an account that is connected by consent", () => {
  it("becomes a connection whose tokens nobody sees", async () => {
    const { status, body } = await begin({ redirect_to: `${page}/done` });
    const back = await server.visit(body.authorization_url);
    const { status: seeOther, outcome, target } = await comeBack(back);
    const row = await connectionOf(outcome.connection ?? "");

    expect(status).toBe(200);
    expect(back.href).toContain(`${stack.url}/functions/v1/oauth-callback?`);
    expect(seeOther).toBe(303);
    expect(target).toBe(
      `${page}/done?connection=${outcome.connection}&confirmation=${outcome.confirmation}`,
    );
    expect(row).toMatchObject({
      connection_status: "unconfirmed",
      account_id: "account-1",
      account_name: "nora@provider.test",
      visibility: "personal",
      scopes_granted: ["read", "issues:create"],
    });
    expect(server.tokenRequests[0]?.body.code_verifier).toHaveLength(43);
    const denied = await person.client
      .from("user_integration_credentials")
      .select("vault_access_token_id");
    expect(denied.error).toMatchObject({ code: "42501" });

    must(await confirm(outcome));
    const credential = await freshCredential(outcome.connection ?? "", tools());
    expect(credential.access_token).toBe(server.identityTokens[0]);
  });

  it("is of no use to who sent their link to somebody else", async () => {
    const victim = await newPerson(stack);
    const { body } = await begin();
    // The victim's browser is the one that comes back, and their page is told the code.
    const { outcome } = await comeBack(await server.visit(body.authorization_url));

    const byVictim = await confirm(outcome, victim);
    const byAttacker = await confirm({ ...outcome, confirmation: "A".repeat(43) });

    const notFound = { code: "PT404", details: "confirmation_not_found" };
    expect(byVictim.error).toMatchObject(notFound);
    expect(byAttacker.error).toMatchObject(notFound);
    await expect(freshCredential(outcome.connection ?? "", tools())).rejects.toMatchObject({
      code: "connection_not_active",
    });
  });

  it("is renewed with more scopes, and stays the same connection", async () => {
    const id = await connect();

    const again = await connect({ connection_id: id, scopes: ["comments:create"] });

    expect(again).toBe(id);
    expect(await connectionOf(id)).toMatchObject({
      token_version: 2,
      scopes_granted: ["read", "issues:create", "comments:create"],
    });
  });

  it("comes back once: a state that was shown, forged or denied connects nothing", async () => {
    const { body } = await begin();
    const back = await server.visit(body.authorization_url);
    const first = await comeBack(back);
    const replayed = await comeBack(back);
    const forged = new URL(back);
    forged.searchParams.set("state", "A".repeat(43));
    server.behaviour.denial = "access_denied";
    const denied = await comeBack(await server.visit((await begin()).body.authorization_url));

    expect(first.outcome).toHaveProperty("connection");
    expect(replayed).toMatchObject({ status: 404, target: null });
    expect(replayed.text).toContain("oauth_state_not_found");
    expect(await comeBack(forged)).toMatchObject({ status: 404, target: null });
    expect(denied.outcome).toEqual({ error: "access_denied" });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it("belongs to whoever began, and only while they may connect accounts", async () => {
    const stranger = await newPerson(stack);
    const elsewhere = await begin({ organization_id: stranger.organizationId });
    const { body } = await begin();
    const { outcome } = await comeBack(await server.visit(body.authorization_url));

    expect(elsewhere).toMatchObject({ status: 403, body: { code: "permission_denied" } });
    expect(await connectionOf(outcome.connection ?? "", stranger.client)).toBeNull();
    expect(
      await call("disconnect-service", { connection_id: outcome.connection }, stranger),
    ).toMatchObject({ status: 404, body: { code: "connection_not_found" } });
    expect(server.revoked).toEqual([]);
  });

  it("leads to our own pages alone", async () => {
    expect(await begin({ redirect_to: "https://evil.example/" })).toMatchObject({
      status: 422,
      body: { code: "redirect_not_allowed" },
    });
  });

  it("is refreshed once for fifty callers", async () => {
    server.behaviour.expiresIn = 1;
    const id = await connect();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    server.behaviour.expiresIn = 3600;
    server.behaviour.tokenDelayMs = 300;

    const credentials = await Promise.all(
      Array.from({ length: 50 }, () => freshCredential(id, tools())),
    );

    expect(server.tokenRequests.map(({ grantType }) => grantType)).toEqual([
      "authorization_code",
      "refresh_token",
    ]);
    expect(new Set(credentials.map((one) => one.access_token)).size).toBe(1);
    expect(await connectionOf(id)).toMatchObject({ token_version: 2 });
  });

  it("is refreshed by the engine before its token ends", async () => {
    server.behaviour.expiresIn = 300;
    const id = await connect();

    await tick();

    await expect
      .poll(async () => (await connectionOf(id)).token_version, { timeout: 20_000 })
      .toBe(2);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it("expires when its provider takes it no longer, with one event", async () => {
    const id = await connect();
    server.behaviour.tokenAnswer = (answer) => {
      answer.statusCode = 400;
      answer.body = { error: "invalid_grant" };
    };

    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, () => freshCredential(id, tools(), { rejectedVersion: 1 })),
    );
    const events = must(
      await person.client.rpc("search_audit_logs", {
        p_organization_id: person.organizationId,
        p_action: "connection.expired",
      }),
    );

    expect(attempts.every(({ status }) => status === "rejected")).toBe(true);
    expect(await connectionOf(id)).toMatchObject({
      connection_status: "expired",
      last_error: "grant_refused",
    });
    expect(JSON.stringify(events).match(/connection\.expired/g)).toHaveLength(1);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it("ends at the provider and here", async () => {
    const id = await connect();

    const ended = await call("disconnect-service", { connection_id: id });

    expect(ended).toMatchObject({ status: 200, body: { revoked: true, reason: null } });
    expect(server.revoked).toEqual([expect.stringMatching(/^refresh-/)]);
    expect(await connectionOf(id)).toMatchObject({ connection_status: "disconnected" });
    await expect(freshCredential(id, tools())).rejects.toMatchObject({
      code: "connection_not_active",
    });
    expect(await call("disconnect-service", { connection_id: id })).toMatchObject({
      status: 200,
      body: { revoked: false, reason: "not_supported" },
    });
  });

  it("ends here even if its provider fails", async () => {
    const id = await connect();
    server.behaviour.intercept = (_, response) => {
      response.writeHead(503).end();
      return true;
    };

    expect(await call("disconnect-service", { connection_id: id })).toMatchObject({
      status: 200,
      body: { revoked: false, reason: "provider_unavailable" },
    });
    expect(await connectionOf(id)).toMatchObject({ connection_status: "disconnected" });
  });
});

describe("a mail server", () => {
  const login = () => ({
    host: "127.0.0.1",
    port: smtp.port,
    security: "starttls",
    username: "ensemble",
    password: "correct horse",
    from_email: "nora@example.test",
  });
  const connectMail = (more: Record<string, unknown> = {}) =>
    call("connect-service", {
      provider: "smtp",
      organization_id: person.organizationId,
      credential: { ...login(), ...more },
    });

  it("is connected once its login was tried", async () => {
    const { status, body } = await connectMail();
    const refused = await connectMail({ password: "battery staple" });

    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain("correct horse");
    expect((await freshCredential(body.connection.id, tools())).credential).toEqual(login());
    expect(refused).toMatchObject({ status: 422, body: { code: "credential_refused" } });
    expect(await connectMail({ port: "mail" })).toMatchObject({
      status: 400,
      body: { code: "credential_invalid" },
    });
  });
});

/** Lets the engine take its turn. */
async function tick(): Promise<void> {
  const response = await fetch(`${stack.url}/functions/v1/task-scheduler`, {
    method: "POST",
    headers: { apikey: stack.keys.secretKey },
  });
  expect(await response.json()).toMatchObject({ tick: { errors: [] } });
}
