import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ScriptedLlm, startScriptedLlm } from "../../support/llm/index.ts";
import { sharedStack } from "../../support/stack.ts";
import { giveModel, must, newPerson, type Person, runTask } from "./people.ts";

const stack = sharedStack();
let llm: ScriptedLlm;
let person: Person;
let assistant: Client;
const assistants: Client[] = [];

beforeAll(async () => {
  llm = await startScriptedLlm();
});
beforeEach(async () => {
  person = await newPerson(stack);
  await giveModel(person, llm.url);
  assistant = await assistantOf(person.token);
});
afterEach(() => Promise.all(assistants.splice(0).map((each) => each.close())));
afterAll(() => llm?.close());

const serverUrl = () => new URL(`${stack.url}/functions/v1/mcp`);

async function assistantOf(token: string): Promise<Client> {
  const client = new Client({ name: "assistant", version: "1.0.0" });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new StreamableHTTPClientTransport(serverUrl(), { requestInit: { headers } }) as never,
  );
  assistants.push(client);
  return client;
}

/** What a tool answers; fails the test on an error. */
// biome-ignore lint/suspicious/noExplicitAny: shapes are checked by the expectations
async function call(name: string, input: object = {}, by = assistant): Promise<any> {
  const result = await by.callTool({ name, arguments: { ...input } });
  if (result.isError) {
    throw new Error(JSON.stringify(result));
  }
  return result.structuredContent;
}

/** What a tool says when it refuses. */
async function refusal(name: string, input: object, by = assistant): Promise<string> {
  const result = await by.callTool({ name, arguments: { ...input } });
  expect(result.isError).toBe(true);
  return JSON.stringify(result.content);
}

describe("an outside assistant with a user's token", () => {
  it("finds the user's organizations and agents, page by page", async () => {
    const { organizationId, agentId } = person;
    // Made in one statement, they have the same age.
    const made = ["Marta", "Nils", "Olga", "Pia"].map((name) => ({
      organization_id: organizationId,
      name,
    }));
    must(await person.client.from("agents").insert(made).select("id"));

    const { organizations } = await call("list_organizations");
    const list = (more: object) =>
      call("list_agents", { organization_id: organizationId, limit: 3, ...more });
    const first = await list({});
    const second = await list({ cursor: first.next_cursor });
    const named = await list({ name: "iri" });
    const wild = await list({ name: "%" });

    expect(organizations).toContainEqual(
      expect.objectContaining({ id: organizationId, name: "Test", role: "owner" }),
    );
    const names = [...first.agents, ...second.agents].map(({ name }: { name: string }) => name);
    expect(names.slice(0, 4).toSorted()).toEqual(["Marta", "Nils", "Olga", "Pia"]);
    expect(second).toMatchObject({ agents: [{}, { id: agentId }], next_cursor: null });
    expect(named.agents).toMatchObject([{ id: agentId }]);
    expect(wild.agents).toEqual([]);
  });

  it("speaks with an agent, which remembers", async () => {
    const { agentId: agent_id } = person;

    const first = await call("ask_agent", { agent_id, message: "I am Ada" });
    const second = await call("ask_agent", { agent_id, message: "Who am I?" });
    const search = (query: string) =>
      call("search_messages", { organization_id: person.organizationId, query });
    const found = await search("ada, am");
    const question = await search("who am");
    const none = await search("ada who");

    expect(first).toMatchObject({ answer: "You said: I am Ada", tool_calls: [] });
    expect(second.channel_id).toBe(first.channel_id);
    expect(llm.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
      expect.stringMatching(/^You are brief\./),
      "I am Ada",
      "You said: I am Ada",
      "Who am I?",
    ]);
    expect(found.messages).toMatchObject([
      { content: "You said: I am Ada", channel: "Iris", author: "Iris" },
      { content: "I am Ada", channel: "Iris", agent_id: null },
    ]);
    expect(question.messages).toHaveLength(2);
    expect(none.messages).toEqual([]);
  });

  it("stops the model when it goes away in the middle of an answer", async () => {
    const message = "One two three four five six seven eight [[slow 100]]";
    const asked = assistant
      .callTool({ name: "ask_agent", arguments: { agent_id: person.agentId, message } })
      .catch(() => "gone");
    const ledger = async () => must(await person.client.from("ai_agent_tasks").select("status"));
    await expect.poll(async () => (await ledger()).length, { timeout: 5_000 }).toBe(1);
    await expect.poll(() => llm.requests.at(-1)?.messages.at(-1)?.content).toBe(message);

    await assistant.close();

    expect(await asked).toBe("gone");
    await expect.poll(ledger, { timeout: 5_000 }).toEqual([{ status: "cancelled" }]);
    expect(llm.requests.at(-1)?.aborted).toBe(true);
  });

  it("runs a task and follows it to its results, without a turn of the engine", async () => {
    await runTask(person, ["Say good morning", "Say good night"]);
    const { tasks } = await call("list_tasks", { organization_id: person.organizationId });
    const task_id = tasks[0].id;
    const [{ id: earlier }] = (await call("list_task_runs", { task_id })).runs;
    must(await person.client.rpc("cancel_task_run", { p_run_id: earlier }));

    const { run } = await call("run_task", { task_id });
    const { run: ended, steps } = await call("get_task_run", { run_id: run.id, wait_seconds: 30 });
    const { runs } = await call("list_task_runs", { task_id, limit: 1 });

    expect(tasks).toMatchObject([{ name: "Report", agent_id: person.agentId, step_count: 2 }]);
    expect(run).toMatchObject({ trigger: "manual", status: "pending" });
    expect(ended).toMatchObject({ id: run.id, status: "completed", completed_step_count: 2 });
    expect(steps).toMatchObject([
      { step_order: 1, status: "completed", result: expect.stringContaining("good morning") },
      { step_order: 2, status: "completed", result: expect.stringContaining("good night") },
    ]);
    expect(runs).toMatchObject([{ id: run.id }]);
  });

  it("reaches nothing of another user's", async () => {
    const runId = await runTask(person, ["Say good morning"]);
    const [task] = must(await person.client.from("agent_tasks").select("id"));
    await call("ask_agent", { agent_id: person.agentId, message: "The word is heliotrope" });
    const eve = await assistantOf((await newPerson(stack)).token);
    const { organizationId: organization_id, agentId: agent_id } = person;

    const theirs = await call("list_organizations", {}, eve);
    const found = await call("search_messages", { query: "heliotrope" }, eve).catch(() => null);
    const refused = [
      await refusal("list_agents", { organization_id }, eve),
      await refusal("list_tasks", { organization_id }, eve),
      await refusal("search_messages", { organization_id, query: "heliotrope" }, eve),
      await refusal("ask_agent", { agent_id, message: "What is the word?" }, eve),
      await refusal("run_task", { task_id: task.id }, eve),
      await refusal("list_task_runs", { task_id: task.id }, eve),
      await refusal("get_task_run", { run_id: runId }, eve),
    ];

    expect(JSON.stringify(theirs)).not.toContain(organization_id);
    expect(found?.messages ?? []).toEqual([]);
    expect(refused).toEqual([
      expect.stringContaining("No organization with that id"),
      expect.stringContaining("No organization with that id"),
      expect.stringContaining("No organization with that id"),
      expect.stringContaining("There is no such agent"),
      expect.stringContaining("No task with that id"),
      expect.stringContaining("No task with that id"),
      expect.stringContaining("No run with that id"),
    ]);
    const runs = must(await person.client.from("agent_task_runs").select("id"));
    expect(runs).toEqual([{ id: runId }]);
  });

  it("holds what the user holds, with the next call, and denials are recorded", async () => {
    const runId = await runTask(person, ["Say good morning"]);
    must(await person.client.rpc("cancel_task_run", { p_run_id: runId }));
    const [task] = must(await person.client.from("agent_tasks").select("id"));
    must(await person.client.from("agents").update({ is_active: false }).eq("id", person.agentId));

    const run = await refusal("run_task", { task_id: task.id });
    const ask = await refusal("ask_agent", { agent_id: person.agentId, message: "Hello" });

    expect(run).toContain("may not run its agent");
    expect(ask).toContain("You may not run this agent.");
    const events = async () =>
      must(
        await person.client
          .from("audit_logs")
          .select("action, new_values")
          .eq("action", "permission.denied"),
      );
    await expect.poll(async () => (await events()).length, { timeout: 5_000 }).toBeGreaterThan(0);
  });

  it("is told by the quota of requests when to come back", async () => {
    const { organizationId: organization_id } = person;
    must(
      await person.client
        .from("organization_quotas")
        .update({ requests_per_minute_limit: 1 })
        .eq("organization_id", organization_id)
        .select()
        .single(),
    );

    const said: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const result = await assistant.callTool({
        name: "list_agents",
        arguments: { organization_id },
      });
      said.push(result.isError ? JSON.stringify(result.content) : "");
    }

    expect(said.some((text) => /in \d+ seconds?/.test(text))).toBe(true);
  });

  it("is not let in with a forged token, another key or none", async () => {
    const [head, , signature] = person.token.split(".");
    const claims = { sub: crypto.randomUUID(), role: "authenticated", exp: 4_102_444_800 };
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const forged = `${head}.${payload}.${signature}`;

    for (const token of [forged, stack.keys.publishableKey, stack.keys.secretKey, ""]) {
      await expect(assistantOf(token)).rejects.toMatchObject({ code: 401 });
    }
    const response = await fetch(serverUrl(), { method: "POST", body: "{}" });
    const link = /resource_metadata="(.*)"/.exec(response.headers.get("www-authenticate") ?? "");
    const metadata = await (await fetch(link?.[1] ?? "")).json();

    expect(response.status).toBe(401);
    expect(metadata).toMatchObject({ resource: serverUrl().href });
  });

  it("is refused on pages of other sites, even those that lead to this address", async () => {
    const headers = {
      authorization: `Bearer ${person.token}`,
      origin: "http://rebound.example.com",
    };

    const response = await fetch(serverUrl(), { method: "POST", headers, body: "{}" });

    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "origin_not_allowed" });
  });
});
