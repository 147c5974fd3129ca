import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AgentChatEvent } from "../../../types/schemas.ts";
import { readEvents } from "../../functions/read-events.ts";
import { type ScriptedLlm, startScriptedLlm } from "../../support/llm/index.ts";
import { sharedStack } from "../../support/stack.ts";
import { giveModel, must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
let llm: ScriptedLlm;
let person: Person;
beforeAll(async () => {
  llm = await startScriptedLlm();
});
beforeEach(async () => {
  person = await newPerson(stack);
  await giveModel(person, llm.url);
});
afterAll(() => llm?.close());

function chat(body: object, by: Person = person, signal?: AbortSignal): Promise<Response> {
  return fetch(`${stack.url}/functions/v1/agent-chat`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishableKey,
      authorization: `Bearer ${by.token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}

async function eventsOf(response: Response): Promise<AgentChatEvent[]> {
  expect(response.status).toBe(200);
  const events: AgentChatEvent[] = [];
  for await (const event of readEvents(response)) {
    events.push(event);
  }
  return events;
}

const ledger = async () => must(await person.client.from("ai_agent_tasks").select());

describe("speaking with an agent", () => {
  it("in a channel streams the answer and stores both messages", async () => {
    const { agentId, channelId } = person;

    const events = await eventsOf(
      await chat({ agent_id: agentId, channel_id: channelId, message: "Good morning" }),
    );
    const stored = must(
      await person.client.from("chat_messages").select().eq("channel_id", channelId).order("id"),
    );

    const kinds = events.map(({ event }) => event);
    expect(kinds[0]).toBe("message");
    expect(kinds.filter((kind) => kind === "delta").length).toBeGreaterThan(2);
    expect(events.at(-1)).toMatchObject({
      event: "done",
      data: { message: { content: "You said: Good morning", agent_id: agentId } },
    });
    expect(stored.map(({ content }: { content: string }) => content).toSorted()).toEqual([
      "Good morning",
      "You said: Good morning",
    ]);
    expect(await ledger()).toEqual([
      expect.objectContaining({ status: "completed", model: "gpt-4o-mini" }),
    ]);
  });

  it("without a channel goes on in the same private conversation", async () => {
    const first = await eventsOf(await chat({ agent_id: person.agentId, message: "I am Ada" }));
    const second = await eventsOf(await chat({ agent_id: person.agentId, message: "Who am I?" }));

    const channelOf = ([event]: AgentChatEvent[]) =>
      event?.event === "message" ? event.data.channel_id : null;
    expect(channelOf(second)).toBe(channelOf(first));
    expect(channelOf(first)).not.toBe(person.channelId);
    expect(second.at(-1)?.event).toBe("done");
    expect(llm.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
      expect.stringMatching(/^You are brief\./),
      "I am Ada",
      "You said: I am Ada",
      "Who am I?",
    ]);
  });

  it("is refused to a stranger, who learns nothing of agent or channel", async () => {
    const stranger = await newPerson(stack);

    const agent = await chat({ agent_id: person.agentId, message: "Hi" }, stranger);
    const channel = await chat(
      { agent_id: stranger.agentId, channel_id: person.channelId, message: "Hi" },
      stranger,
    );

    expect([agent.status, channel.status]).toEqual([404, 404]);
    expect(await agent.json()).toMatchObject({ code: "agent_not_found" });
    expect(await channel.json()).toMatchObject({ code: "channel_not_found" });
  });

  it("is refused without a model, with the settings named", async () => {
    must(
      await person.client.rpc("remove_model_provider", {
        p_organization_id: person.organizationId,
      }),
    );

    const response = await chat({ agent_id: person.agentId, message: "Hi" });

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: "model_not_configured",
      message: expect.stringContaining("LLM_BASE_URL"),
    });
  });

  it("is refused with 402 when the budget is used up", async () => {
    must(
      await person.client
        .from("organization_quotas")
        .update({ monthly_model_cost_limit_usd: 0.0001 })
        .eq("organization_id", person.organizationId)
        .select()
        .single(),
    );

    const response = await chat({ agent_id: person.agentId, message: "Hi" });

    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({ code: "model_budget_exceeded" });
  });

  it("cancels the model call when the client goes away, and keeps what was said", async () => {
    const gone = new AbortController();
    const message = "One two three four five six seven eight [[slow 100]]";
    const response = await chat(
      { agent_id: person.agentId, channel_id: person.channelId, message },
      person,
      gone.signal,
    );

    for await (const event of readEvents(response)) {
      if (event.event === "delta") {
        break;
      }
    }
    gone.abort();

    await expect
      .poll(async () => (await ledger())[0]?.status, { timeout: 5_000 })
      .toBe("cancelled");
    const kept = must(
      await person.client
        .from("chat_messages")
        .select()
        .eq("channel_id", person.channelId)
        .not("agent_id", "is", null),
    );
    expect(kept).toEqual([
      expect.objectContaining({ metadata: expect.objectContaining({ partial: true }) }),
    ]);
    expect(llm.requests.at(-1)?.aborted).toBe(true);
  });

  it("says what is wrong with a body", async () => {
    const response = await chat({ agent_id: "nobody", message: "" });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_body",
      details: [{ path: "agent_id" }, { path: "message" }],
    });
  });
});
