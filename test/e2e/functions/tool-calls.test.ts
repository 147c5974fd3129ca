import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freshCredential } from "../../../functions/_shared/connections/fresh-credential.ts";
import { clientRpc } from "../../../functions/_shared/database/client-rpc.ts";
import { outboundFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import { capabilitiesOf } from "../../../functions/_shared/tools/capabilities-of.ts";
import type { Tool } from "../../../functions/_shared/tools/tool.ts";
import type { Stack } from "../../../scripts/stack/index.ts";
import { agentIntegrationPermission } from "../../../types/schemas.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startGmail } from "../../support/providers/gmail.ts";
import { googleToken } from "../../support/providers/google.ts";
import { loopback } from "../../support/providers/run-capability.ts";
import { clientOf } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";
import { startModellessStack } from "./stack.ts";

const readScope = "https://www.googleapis.com/auth/gmail.readonly";
const sendScope = "https://www.googleapis.com/auth/gmail.send";

let stack: Stack;
let service: SupabaseClient;
let api: TestApi;
let person: Person;
let userId: string;
let connectionId: string;

beforeAll(async () => {
  [stack, api] = await Promise.all([startModellessStack(), startGmail()]);
  service = clientOf(stack, stack.keys.secretKey);
  const { configuration_metadata } = must(
    await service.from("service_providers").select().eq("name", "gmail").single(),
  );
  must(
    await service
      .from("service_providers")
      .update({ configuration_metadata: { ...configuration_metadata, api_base_url: api.url } })
      .eq("name", "gmail")
      .select("id")
      .single(),
  );
});
beforeEach(async () => {
  api.forget();
  person = await newPerson(stack);
  userId = must(await person.client.auth.getUser()).user.id;
  const gmail = must(
    await service.from("service_providers").select("id").eq("name", "gmail").single(),
  );
  connectionId = must(
    await service.rpc("save_oauth_connection", {
      p_user_id: userId,
      p_organization_id: person.organizationId,
      p_service_provider_id: gmail.id,
      p_access_token: googleToken,
      p_scopes: [readScope, sendScope],
      p_expires_in_seconds: 3600,
      p_account_name: "nora@example.test",
    }),
  ).id;
});
afterAll(async () => {
  await stack?.stop();
  await api?.close();
});

const lend = (scopes: string[], level = "custom", by = person) =>
  by.client.rpc("grant_agent_integration_permission", {
    p_agent_id: person.agentId,
    p_connection_id: connectionId,
    p_allowed_scopes: scopes,
    p_permission_level: level,
  });

/** The agent's tools in work for a user, as the functions have them. */
function toolsFor(user: string): Promise<Tool[]> {
  const rpc = clientRpc(service, "service", person.agentId);
  const log = vi.fn();
  const tools = { rpc, fetch: outboundFetch(loopback), env: {}, log };
  return capabilitiesOf(
    { agentId: person.agentId, userId: user },
    {
      rpc,
      log,
      network: loopback,
      freshCredential: (id, options) => freshCredential(id, tools, options),
    },
  );
}

const logs = async () =>
  must(
    await person.client
      .from("tool_execution_logs")
      .select("tool_name, status, input, output, error, duration_ms")
      .eq("agent_id", person.agentId)
      .order("created_at"),
  );

const { signal } = new AbortController();

describe("a connection lent to an agent", () => {
  it("lets it call what its scopes allow, and leaves a log and an audit trail", async () => {
    const granted = must(await lend([readScope]));
    const listed = must(
      await person.client.rpc("get_agent_integration_permissions", { p_agent_id: person.agentId }),
    );

    const tools = await toolsFor(userId);
    const outcome = await tools
      .find(({ name }) => name === "gmail_search_email")
      ?.call({ query: "invoice" }, signal);

    expect(agentIntegrationPermission.array().parse(listed)).toMatchObject([
      { permission_id: granted.id, provider_name: "gmail", allowed_scopes: [readScope] },
    ]);
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      "gmail_read_email",
      "gmail_search_email",
    ]);
    expect(outcome).toMatchObject({ status: "completed", isTruncated: false });
    expect(outcome?.text).toContain("The invoice");
    expect(await logs()).toMatchObject([
      { tool_name: "gmail_search_email", status: "completed", input: { query: "invoice" } },
    ]);
    const trail = must(
      await person.client
        .from("audit_logs")
        .select("actor_type, actor_id, resource_id")
        .eq("organization_id", person.organizationId)
        .eq("action", "tool.allowed"),
    );
    expect(trail).toEqual([
      { actor_type: "agent", actor_id: person.agentId, resource_id: "gmail_search_email" },
    ]);
    expect(JSON.stringify([listed, await logs(), trail, outcome])).not.toContain(googleToken);
  });

  it("is of no use any more the moment it is taken back", async () => {
    const granted = must(await lend([readScope, sendScope]));
    const tools = await toolsFor(userId);
    must(
      await person.client.rpc("revoke_agent_integration_permission", {
        p_permission_id: granted.id,
      }),
    );

    const outcome = await tools
      .find(({ name }) => name === "gmail_send_email")
      ?.call({ to: ["eve@example.test"], subject: "Hello", body: "There." }, signal);

    expect(outcome).toMatchObject({ status: "denied" });
    expect(outcome?.text).toContain("taken back");
    expect(api.requests).toEqual([]);
    expect(await logs()).toMatchObject([
      { tool_name: "gmail_send_email", status: "denied", error: outcome?.text },
    ]);
    expect(await toolsFor(userId)).toEqual([]);
  });

  it("works for nobody but its owner while it is personal", async () => {
    must(await lend([readScope], "full"));
    const other = await newPerson(stack);
    const otherId = must(await other.client.auth.getUser()).user.id;
    const [tool] = await toolsFor(userId);

    const borrowed = await toolsFor(otherId);
    const foreign = await lend([readScope], "full", other);

    expect(tool).toBeDefined();
    expect(borrowed).toEqual([]);
    expect(foreign.error).toMatchObject({ details: "agent_not_found" });
  });

  it("is refused beyond what it was granted itself", async () => {
    const answer = await lend(["https://www.googleapis.com/auth/drive.readonly"]);

    expect(answer.status).toBe(400);
    expect(answer.error).toMatchObject({ details: "scopes_not_granted" });
  });
});
