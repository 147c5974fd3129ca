import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { Platform } from "../../functions/_shared/http/platform.ts";
import { type Call, serve } from "../../functions/_shared/http/serve.ts";
import { nowhere } from "../support/internet/nowhere.ts";
import { userId } from "./samples.ts";

const secret = new TextEncoder().encode("a secret of at least thirty-two bytes");
const seen: IncomingMessage[] = [];
// Stands in for PostgREST: every request is answered with an empty list and recorded.
const rest = createServer((request, response) => {
  seen.push(request);
  response.writeHead(200, { "content-type": "application/json" }).end("[]");
});

const platform: Platform = {
  env: {},
  resolveHost: async () => [],
  connect: nowhere,
  waitUntil: () => {},
};

beforeAll(async () => {
  await new Promise<void>((resolve) => rest.listen(0, "127.0.0.1", resolve));
  const k = Buffer.from(secret).toString("base64url");
  vi.stubEnv("SUPABASE_URL", `http://127.0.0.1:${(rest.address() as AddressInfo).port}`);
  vi.stubEnv("SUPABASE_PUBLISHABLE_KEYS", '{"default":"sb_publishable_test"}');
  vi.stubEnv("SUPABASE_SECRET_KEYS", '{"default":"sb_secret_test"}');
  vi.stubEnv(
    "SUPABASE_JWKS",
    JSON.stringify({ keys: [{ kty: "oct", alg: "HS256", kid: "one", k }] }),
  );
  for (const level of ["info", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
  // On Node 20 supabase-js looks for a WebSocket, which the Edge Runtime has; no test opens one.
  vi.stubGlobal("WebSocket", class {});
});
beforeEach(() => {
  seen.length = 0;
});
afterAll(() => {
  rest.close();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function token(claims: Record<string, unknown> = { sub: userId, role: "authenticated" }) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: "one" })
    .setExpirationTime("1h")
    .sign(secret);
}

function ask(
  auth: "user" | "secret" | "public",
  handle: (call: Call) => Promise<Response> | Response,
) {
  const answer = serve({ name: "test", auth }, platform, async (_, call) => handle(call));
  return (headers: Record<string, string> = {}, method = "POST") =>
    answer(new Request("http://localhost/functions/v1/test", { method, headers }));
}

describe("the outer layer of a function", () => {
  it("lets a user through with their token, and knows who they are", async () => {
    const post = ask("user", ({ userId }) => Response.json({ userId }));

    const response = await post({ authorization: `Bearer ${await token()}` });

    expect(await response.json()).toEqual({ userId });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ["no token", async () => ({})],
    ["an API key for a token", async () => ({ authorization: "Bearer sb_publishable_test" })],
    [
      "a forged token",
      async () => ({ authorization: `Bearer ${(await token()).slice(0, -4)}AAAA` }),
    ],
    [
      "a token of nobody",
      async () => ({ authorization: `Bearer ${await token({ role: "anon" })}` }),
    ],
    ["the secret key", async () => ({ apikey: "sb_secret_test" })],
  ])("refuses a user's function to %s", async (_, headers) => {
    const handle = vi.fn();

    const response = await ask("user", handle)(await headers());

    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      code: expect.stringMatching(/^[a-z_]+$/),
      message: expect.any(String),
      correlation_id: expect.any(String),
    });
    expect(handle).not.toHaveBeenCalled();
  });

  it("lets cron through with the secret key, and nobody else", async () => {
    const post = ask("secret", ({ userId }) => Response.json({ userId }));

    expect(await (await post({ apikey: "sb_secret_test" })).json()).toEqual({ userId: null });
    expect((await post({ apikey: "sb_secret_other" })).status).toBe(401);
    expect((await post({ apikey: "sb_publishable_test" })).status).toBe(401);
    expect((await post({ authorization: `Bearer ${await token()}` })).status).toBe(401);
  });

  it("acts as the user and as the service, with the correlation id sent along", async () => {
    const post = ask("user", async ({ client, admin }) => {
      await client.from("agents").select();
      await admin.rpc("tick");
      return Response.json({});
    });
    const jwt = await token();

    const response = await post({ authorization: `Bearer ${jwt}`, "x-correlation-id": "trace-1" });

    expect(response.headers.get("x-correlation-id")).toBe("trace-1");
    expect(seen.map(({ headers }) => headers["x-correlation-id"])).toEqual(["trace-1", "trace-1"]);
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${jwt}`,
      apikey: "sb_publishable_test",
    });
    expect(seen[1]?.headers.apikey).toBe("sb_secret_test");
  });

  it("sends along which organization the caller names", async () => {
    const post = ask("user", async ({ client }) => {
      await client.from("agents").select();
      return Response.json({});
    });
    const authorization = `Bearer ${await token()}`;

    await post({ authorization, "x-organization-id": "00000000-0000-4000-8000-000000000001" });
    await post({ authorization });

    expect(seen.map(({ headers }) => headers["x-organization-id"])).toEqual([
      "00000000-0000-4000-8000-000000000001",
      undefined,
    ]);
  });

  it("takes over no correlation id that could forge a log line", async () => {
    const response = await ask("user", () => Response.json({}))({ "x-correlation-id": "a b {}" });

    expect(response.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("answers a browser's preflight without credentials", async () => {
    const response = await ask("user", () => Response.json({}))({}, "OPTIONS");

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  it("answers to POST only", async () => {
    const response = await ask("secret", () => Response.json({}))({}, "GET");

    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
  });

  it("turns refusals into JSON, and hides what went wrong inside", async () => {
    const refusing = ask("secret", () => {
      throw new HttpError(402, "model_budget_exceeded", "The budget is used up.");
    });
    const broken = ask("secret", () => {
      throw new Error("connection to 10.0.0.1 with password hunter2 failed");
    });
    const key = { apikey: "sb_secret_test" };

    const refusal = await refusing(key);
    const failure = await broken(key);

    expect(refusal.status).toBe(402);
    expect(await refusal.json()).toMatchObject({ code: "model_budget_exceeded" });
    expect(failure.status).toBe(500);
    expect(await failure.text()).not.toContain("hunter2");
  });

  it("writes a denial to the audit log once the user has the answer", async () => {
    const later: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => later.push(promise);
    const post = serve({ name: "test", auth: "user" }, { ...platform, waitUntil }, async () => {
      throw new HttpError(403, "permission_denied", "You may not.");
    });
    const headers = { authorization: `Bearer ${await token()}`, "x-correlation-id": "trace-2" };

    const response = await post(new Request("http://localhost/test", { method: "POST", headers }));
    const whenAnswered = seen.length;
    await Promise.all(later);

    expect(response.status).toBe(403);
    expect(whenAnswered).toBe(0);
    expect(seen.map(({ url }) => url)).toEqual(["/rest/v1/rpc/record_permission_denied"]);
    expect(seen[0]?.headers).toMatchObject({
      apikey: "sb_secret_test",
      "x-correlation-id": "trace-2",
    });
  });

  it("writes nothing down for a worker, nor for other refusals", async () => {
    const later: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => later.push(promise);
    const failing = (auth: "user" | "secret", status: number) =>
      serve({ name: "test", auth }, { ...platform, waitUntil }, async () => {
        throw new HttpError(status, "refused", "No.");
      });
    const ask = (headers: Record<string, string>) =>
      new Request("http://localhost/test", { method: "POST", headers });

    await failing("secret", 403)(ask({ apikey: "sb_secret_test" }));
    await failing("user", 404)(ask({ authorization: `Bearer ${await token()}` }));
    await failing("user", 403)(ask({}));

    expect(later).toEqual([]);
  });

  it("lets anybody in at a public door, by GET alone, as nobody", async () => {
    const get = ask("public", async ({ client, userId }) => {
      await client.from("things").select();
      return Response.json({ userId });
    });

    const response = await get({ authorization: `Bearer ${await token()}` }, "GET");

    expect(await response.json()).toEqual({ userId: null });
    expect(seen[0]?.headers.authorization).not.toContain("eyJ");
    expect(seen[0]?.headers.apikey).toBe("sb_publishable_test");
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect((await get({}, "POST")).status).toBe(405);
  });
});
