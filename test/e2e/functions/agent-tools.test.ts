import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import type { AgentChatEvent } from "../../../types/schemas.ts";
import { readEvents } from "../../functions/read-events.ts";
import { type ScriptedLlm, startScriptedLlm } from "../../support/llm/index.ts";
import { says, startMcpServer, type TestMcpServer } from "../../support/mcp/index.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startGmail } from "../../support/providers/gmail.ts";
import { googleToken } from "../../support/providers/google.ts";
import { clientOf } from "../../support/stack.ts";
import { giveModel, must, newPerson, type Person, runTask } from "./people.ts";
import { startModellessStack } from "./stack.ts";

const readScope = "https://www.googleapis.com/auth/gmail.readonly";
const sendScope = "https://www.googleapis.com/auth/gmail.send";
const sending =
  '[[call gmail_send_email {"to": ["bob@example.test"], "subject": "Hi", "text": "Ho"}]]';

let stack: Stack;
let service: SupabaseClient;
let llm: ScriptedLlm;
let gmail: TestApi;
let sums: TestMcpServer;
let person: Person;
let connectionId: string;

beforeAll(async () => {
  [stack, llm, gmail, sums] = await Promise.all([
    startModellessStack(),
    startScriptedLlm(),
    startGmail(),
    startMcpServer({
      tools: [{ name: "add", description: "Adds two numbers.", inputSchema: { type: "object" } }],
      call: (_, { a, b }) => says(`The sum is ${Number(a) + Number(b)}.`),
    }),
  ]);
  service = clientOf(stack, stack.keys.secretKey);
  const provider = must(
    await service.from("service_providers").select().eq("name", "gmail").single(),
  );
  const configuration_metadata = { ...provider.configuration_metadata, api_base_url: gmail.url };
  must(
    await service
      .from("service_providers")
      .update({ configuration_metadata })
      .eq("name", "gmail")
      .select("id")
      .single(),
  );
});
beforeEach(async () => {
  gmail.forget();
  llm.requests.length = 0;
  person = await newPerson(stack);
  await giveModel(person, llm.url);
  connectionId = await connectMail();
  await connectSums();
});
afterAll(() => Promise.all([stack?.stop(), llm?.close(), gmail?.close(), sums?.close()]));

/** As the way through a consent leaves it. */
async function connectMail(): Promise<string> {
  const user = must(await person.client.auth.getUser()).user;
  const provider = must(
    await service.from("service_providers").select("id").eq("name", "gmail").single(),
  );
  const connection = must(
    await service.rpc("save_oauth_connection", {
      p_user_id: user.id,
      p_organization_id: person.organizationId,
      p_service_provider_id: provider.id,
      p_access_token: googleToken,
      p_scopes: [readScope, sendScope],
      p_expires_in_seconds: 3600,
      p_account_name: "nora@example.test",
    }),
  );
  return connection.id;
}

async function connectSums(): Promise<void> {
  const mcp = async (body: object) =>
    must(await person.client.functions.invoke("mcp-tools", { body }));
  const { connection } = await mcp({
    action: "connect",
    agent_id: person.agentId,
    connection_name: "sums",
    server_url: sums.url,
  });
  const { id, manifest_hash } = connection;
  await mcp({ action: "accept", connection_id: id, manifest_hash });
}

const lend = async (scopes: string[]) =>
  must(
    await person.client.rpc("grant_agent_integration_permission", {
      p_agent_id: person.agentId,
      p_connection_id: connectionId,
      p_allowed_scopes: scopes,
      p_permission_level: "custom",
    }),
  );

async function* chat(message: string): AsyncGenerator<AgentChatEvent> {
  const response = await fetch(`${stack.url}/functions/v1/agent-chat`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishableKey,
      authorization: `Bearer ${person.token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ agent_id: person.agentId, message }),
  });
  expect(response.status).toBe(200);
  yield* readEvents(response);
}

async function eventsOf(message: string): Promise<AgentChatEvent[]> {
  const events: AgentChatEvent[] = [];
  for await (const event of chat(message)) {
    events.push(event);
  }
  return events;
}

const logged = async () =>
  must(
    await person.client
      .from("tool_execution_logs")
      .select("tool_name, status, channel_id, run_step_id, error")
      .eq("agent_id", person.agentId)
      .order("created_at"),
  );

describe("an agent with tools", () => {
  it("uses both kinds at once in a conversation, each call logged", async () => {
    await lend([readScope]);

    const events = await eventsOf(
      'Look [[call gmail_search_email {"query": "invoice"}]] [[call sums__add {"a": 2, "b": 3}]]',
    );

    expect(llm.requests[0]?.tools.toSorted()).toEqual([
      "gmail_read_email",
      "gmail_search_email",
      "remember_fact",
      "sums__add",
    ]);
    const done = events.at(-1);
    expect(done).toMatchObject({ event: "done" });
    const message = done?.event === "done" ? done.data.message : undefined;
    expect(message?.content).toMatch(/The invoice.*\| The sum is 5\./s);
    expect(message?.metadata.tool_calls).toHaveLength(2);
    expect(
      (await logged()).map(({ tool_name }: { tool_name: string }) => tool_name).toSorted(),
    ).toEqual(["add", "gmail_search_email"]);
    expect(await logged()).toMatchObject([
      { status: "completed", channel_id: message?.channel_id },
      { status: "completed", channel_id: message?.channel_id },
    ]);
    const ledger = must(await person.client.from("ai_agent_tasks").select("status"));
    expect(ledger).toEqual([{ status: "completed" }, { status: "completed" }]);
    expect(JSON.stringify([events, llm.requests])).not.toContain(googleToken);
  });

  it("is refused in the middle of a conversation when its owner takes a scope back", async () => {
    await lend([readScope, sendScope]);
    const results: unknown[] = [];

    for await (const event of chat(`Write to Bob. [[wait 1000]] ${sending}`)) {
      if (event.event === "message") {
        await lend([readScope]);
      } else if (event.event === "tool_result") {
        results.push(event.data);
      }
    }

    expect(results).toMatchObject([{ name: "gmail_send_email", status: "denied" }]);
    expect(gmail.requests).toEqual([]);
    expect(await logged()).toMatchObject([{ tool_name: "gmail_send_email", status: "denied" }]);
  });

  it("uses them in a step of a task", async () => {
    const runId = await runTask(person, ['Add up. [[call sums__add {"a": 20, "b": 22}]]']);
    await fetch(`${stack.url}/functions/v1/task-runner`, {
      method: "POST",
      headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
      body: JSON.stringify({ budget_seconds: 30 }),
    });

    const [step] = must(
      await person.client
        .from("agent_task_run_steps")
        .select("id, status, result")
        .eq("run_id", runId),
    );
    expect(step).toMatchObject({
      status: "completed",
      result: {
        text: expect.stringContaining("The tools answered: The sum is 42."),
        tool_calls: [{ name: "sums__add", status: "completed" }],
      },
    });
    expect(await logged()).toMatchObject([
      { tool_name: "add", status: "completed", run_step_id: step.id },
    ]);
    const [task] = must(await person.client.from("task_steps").select("execution_result"));
    expect(task.execution_result).toEqual(step.result);
  });

  it("learns what it has called already when a step begins again", async () => {
    const told = 'Add up. [[call sums__add {"a": 1, "b": 1}]] [[status 500 round=2 times=4]]';
    await runTask(person, [told]);
    const work = () =>
      fetch(`${stack.url}/functions/v1/task-runner`, {
        method: "POST",
        headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
        body: JSON.stringify({ budget_seconds: 30 }),
      });
    await expect
      .poll(
        async () => {
          await work();
          return llm.requests.at(-1)?.messages.find(({ role }) => role === "user")?.content;
        },
        { timeout: 40_000, interval: 500 },
      )
      .toMatch(/- add with {"a":1,"b":1} answered .*The sum is 2\./);
  });
});
