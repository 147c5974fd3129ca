import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { signUp } from "./support.ts";

// A window on the settings under which a request runs, for the tests of this file only.
const window = `
  create view public.request_seen as
  select
    current_setting('request.headers', true)::json ->> 'x-correlation-id' as correlation_id,
    current_setting('request.headers', true)::json ->> 'apikey' as apikey,
    current_user::text as role;
  create function public.see_request() returns text language sql stable set search_path = ''
  as $$ select correlation_id from public.request_seen $$;
  grant select on public.request_seen to anon, authenticated, service_role;
  grant execute on function public.see_request() to anon, authenticated, service_role;
  notify pgrst, 'reload schema';
`;

describe("the stack", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startTestStack();
    const database = new pg.Client({ connectionString: stack.databaseUrl });
    await database.connect();
    await database.query(window);
    await database.end();
  });
  afterAll(() => stack?.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${stack.url}${path}`, { headers });

  it("says that every part is ready", async () => {
    const response = await get("/health");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "ok",
      parts: { database: "ok", api: "ok", functions: "ok" },
    });
  });

  it("signs people up and in, and gives each an organization", async () => {
    const { email } = await signUp(stack);
    const client = clientOf(stack);

    const { error } = await client.auth.signInWithPassword({
      email,
      password: "correct horse battery",
    });
    const organizations = await client.from("organizations").select("is_personal");

    expect(error).toBeNull();
    expect(organizations.data).toEqual([{ is_personal: true }]);
  });

  it("shows people their own rows and nobody any", async () => {
    const [one, other] = [await signUp(stack), await signUp(stack)];

    const own = await one.client.from("profiles").select("id");
    const strangers = await other.client.from("profiles").select("id").in("id", ids(own.data));
    const nobody = await clientOf(stack).from("profiles").select("id");

    expect(own.data).toHaveLength(1);
    expect(strangers.data).toEqual([]);
    expect(nobody.error?.code).toBe("42501");
  });

  it("answers arrays as arrays and instants in ISO 8601, as PostgREST does", async () => {
    const { client } = await signUp(stack);

    const { data } = await client.from("organization_members").select("permissions, created_at");

    expect(data?.[0]?.permissions).toContain("organizations.read");
    expect(data?.[0]?.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
  });

  it("keeps the callers of simultaneous requests apart", async () => {
    const people = await Promise.all([signUp(stack), signUp(stack), signUp(stack)]);
    const own = await Promise.all(
      people.map(async ({ client }) => ids((await client.from("profiles").select("id")).data)),
    );

    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const answer = await people[index % 3]?.client.from("profiles").select("id");
        return JSON.stringify(ids(answer?.data ?? null)) === JSON.stringify(own[index % 3]);
      }),
    );

    expect(answers.every(Boolean)).toBe(true);
  });

  it("does not grant what the migrations took back", async () => {
    await signUp(stack);

    const { error } = await clientOf(stack).from("jobs").select();

    expect(error?.code).toBe("PGRST205");
    const database = new pg.Client({ connectionString: stack.databaseUrl });
    await database.connect();
    const { rows } = await database.query(
      "select has_table_privilege('anon', 'public.organizations', 'select') as anon_reads",
    );
    await database.end();
    expect(rows).toEqual([{ anon_reads: false }]);
  });

  it("tells a broken constraint as the caller's mistake, as PostgREST does", async () => {
    const { client } = await signUp(stack);

    const broken = await client.from("workspaces").insert({ name: "" });

    expect(broken).toMatchObject({ status: 400, error: { code: "23514" } });
  });

  it("wants a key for REST, Auth and Storage", async () => {
    const paths = ["/rest/v1/profiles", "/auth/v1/user", "/storage/v1/bucket"];

    const missing = await Promise.all(paths.map((path) => get(path)));
    const wrong = await Promise.all(paths.map((path) => get(path, { apikey: "sb_secret_x" })));

    expect(missing.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(await missing[0]?.json()).toMatchObject({ message: "No API key found in request" });
  });

  it("takes the key from the query, too", async () => {
    const response = await get(`/rest/v1/request_seen?select=role&apikey=${stack.keys.secretKey}`);

    expect(await response.json()).toEqual([{ role: "service_role" }]);
  });

  it("takes the publishable key for anon and refuses a forged token", async () => {
    const { publishableKey: apikey } = stack.keys;

    const anonymous = await get("/rest/v1/request_seen?select=role", { apikey });
    const forged = await get("/rest/v1/request_seen", {
      apikey,
      authorization: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl",
    });

    expect(await anonymous.json()).toEqual([{ role: "anon" }]);
    expect(forged.status).toBe(401);
  });

  it("carries a valid correlation id into SQL and back, but no credentials", async () => {
    const headers = { apikey: stack.keys.publishableKey, "x-correlation-id": "my.id-1" };

    const table = await get("/rest/v1/request_seen?select=correlation_id,apikey", headers);
    const rpc = await get("/rest/v1/rpc/see_request", headers);

    expect(table.headers.get("x-correlation-id")).toBe("my.id-1");
    expect(await table.json()).toEqual([{ correlation_id: "my.id-1", apikey: null }]);
    expect(await rpc.json()).toBe("my.id-1");
  });

  it("replaces a correlation id that is not fit for a log line", async () => {
    const response = await get("/rest/v1/rpc/see_request", {
      apikey: stack.keys.publishableKey,
      "x-correlation-id": "no spaces",
    });

    const given = response.headers.get("x-correlation-id");
    expect(given).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toBe(given);
  });

  it("refuses a body that is too large with 413", async () => {
    const response = await fetch(`${stack.url}/rest/v1/profiles`, {
      method: "POST",
      headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
      body: "x".repeat(11 * 1024 * 1024),
    });

    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "body_too_large" });
  });

  it("lets browsers call from anywhere", async () => {
    const response = await fetch(`${stack.url}/rest/v1/profiles`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "apikey, x-correlation-id",
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")).toContain("x-correlation-id");
  });

  it("stores files and hands them out by signed links", async () => {
    const { storage } = clientOf(stack, stack.keys.secretKey);
    await storage.createBucket("papers");

    const upload = await storage.from("papers").upload("a/b.txt", new Blob(["words"]));
    const download = await storage.from("papers").download("a/b.txt");
    const link = await storage.from("papers").createSignedUrl("a/b.txt", 60);
    const linked = await fetch(link.data?.signedUrl ?? "");
    const { client } = await signUp(stack);
    const stranger = await client.storage.from("papers").upload("a/c.txt", new Blob(["x"]));

    expect(upload.error).toBeNull();
    expect(await download.data?.text()).toBe("words");
    expect(await linked.text()).toBe("words");
    expect(stranger.error?.message).toContain("row-level security");
  });

  it("keeps secrets encrypted and opens them for the service alone", async () => {
    const service = clientOf(stack, stack.keys.secretKey);
    const { data: id } = await service.rpc("create_vault_secret", { p_secret: "open sesame" });

    const opened = await service.rpc("vault_decrypt", { vault_id: id });
    const { client } = await signUp(stack);
    const refused = await client.rpc("vault_decrypt", { vault_id: id });
    const database = new pg.Client({ connectionString: stack.databaseUrl });
    await database.connect();
    const { rows } = await database.query("select secret from vault.secrets where id = $1", [id]);
    await database.end();

    expect(opened.data).toBe("open sesame");
    expect(refused.error?.code).toBe("42501");
    expect(JSON.stringify(rows)).not.toContain("sesame");
  });
});

function ids(rows: { id: unknown }[] | null): unknown[] {
  return (rows ?? []).map(({ id }) => id);
}
