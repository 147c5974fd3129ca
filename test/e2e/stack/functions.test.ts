import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { startTestStack } from "../../support/stack.ts";
import { createProject } from "./support.ts";

const declared = (name: string, verifyJwt = false) => `
[functions.${name}]
verify_jwt = ${verifyJwt}
entrypoint = "../functions/${name}/index.ts"
`;

const files = {
  "supabase/config.toml": `project_id = "test"
${["served", "exported", "echo", "broken", "leaving", "absent"].map((name) => declared(name)).join("")}
${declared("guarded", true)}`,
  "functions/deno.json": '{ "nodeModulesDir": "manual" }',
  "functions/served/index.ts": 'Deno.serve(() => new Response("served"));',
  "functions/exported/index.ts": 'export default { fetch: () => new Response("exported") };',
  "functions/guarded/index.ts": 'export default { fetch: () => new Response("guarded") };',
  "functions/broken/index.ts": 'throw new Error("cannot be loaded");',
  "functions/leaving/index.ts": "export default { fetch: () => Deno.exit(3) };",
  "functions/echo/index.ts": `export default { fetch: async (request) => {
    const token = request.headers.get("authorization")?.slice(7) ?? "";
    const header = token ? JSON.parse(atob(token.split(".")[0])) : {};
    return Response.json({
      path: new URL(request.url).pathname,
      correlationId: request.headers.get("x-correlation-id"),
      kid: header.kid ?? null,
      known: JSON.parse(Deno.env.get("SUPABASE_JWKS")).keys.map((key) => key.kid),
      names: Object.keys(Deno.env.toObject()).sort(),
      body: await request.text(),
      userId: token && (await (await fetch(Deno.env.get("SUPABASE_URL") + "/auth/v1/user", {
        headers: {
          authorization: "Bearer " + token,
          apikey: JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS")).default,
        },
      })).json()).id,
    });
  } };`,
};

describe("the functions host", () => {
  let project: Awaited<ReturnType<typeof createProject>>;
  let stack: Stack;

  beforeAll(async () => {
    project = await createProject(files);
    stack = await startTestStack({ root: project.root, functionsEnv: { LLM_MODEL: "m" } });
  });
  afterAll(async () => {
    await stack?.stop();
    await project?.remove();
  });

  const call = (name: string, init: RequestInit = {}) =>
    fetch(`${stack.url}/functions/v1/${name}`, { method: "POST", ...init });

  it("serves functions that call Deno.serve and functions that export fetch", async () => {
    const answers = await Promise.all([call("served"), call("exported")]);

    expect(await Promise.all(answers.map((each) => each.text()))).toEqual(["served", "exported"]);
  });

  it("passes path, body and correlation id on", async () => {
    const response = await call("echo/deep/er?x=1", {
      headers: { "x-correlation-id": "abc" },
      body: "hello",
    });

    expect(await response.json()).toMatchObject({
      path: "/echo/deep/er",
      correlationId: "abc",
      body: "hello",
    });
    expect(response.headers.get("x-correlation-id")).toBe("abc");
  });

  it("names the key of a user's token, and takes the token back", async () => {
    const signedUp = await fetch(`${stack.url}/auth/v1/signup`, {
      method: "POST",
      headers: { apikey: stack.keys.publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ email: "kid@example.test", password: "correct horse" }),
    });
    const { access_token: token, user } = await signedUp.json();

    const response = await call("echo", { headers: { authorization: `Bearer ${token}` } });

    const { kid, known, userId } = await response.json();
    expect(known).toContain(kid);
    expect(userId).toBe(user.id);
  });

  it("tells functions what hosted Supabase tells them and nothing of this machine", async () => {
    const { names } = await (await call("echo")).json();

    expect(names).toEqual(
      expect.arrayContaining(["LLM_MODEL", "SUPABASE_SECRET_KEYS", "SUPABASE_URL"]),
    );
    expect(names).not.toContain("JWT_SECRET");
    expect(names).not.toContain("npm_config_cache");
  });

  it("asks for a token where config.toml wants one", async () => {
    const response = await call("guarded", { headers: { apikey: stack.keys.secretKey } });

    expect(response.status).toBe(401);
  });

  it("answers 500 for a function that cannot be loaded and goes on serving", async () => {
    const broken = await call("broken");
    const next = await call("served");

    expect(broken.status).toBe(500);
    expect(next.status).toBe(200);
  });

  it("answers 404 for a function that is not written or not declared", async () => {
    const answers = await Promise.all([call("absent"), call("unheard-of")]);

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  it("starts the process again when a function ends it", async () => {
    const broken = await call("leaving");

    const next = await call("served");

    expect(broken.status).toBe(502);
    expect(await next.text()).toBe("served");
  });
});
