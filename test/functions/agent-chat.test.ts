import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { noBackground } from "../../functions/_shared/agent/background.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { loadTokenizer } from "../../functions/_shared/tokens/count-tokens.ts";
import { type AgentChatTools, handleAgentChat } from "../../functions/agent-chat/handler.ts";
import type { AgentChatEvent } from "../../types/schemas.ts";
import { type ScriptedLlm, startScriptedLlm } from "../support/llm/index.ts";
import { type ChatMemory, chatMemory } from "./chat-memory.ts";
import { settingsFor } from "./model-request.ts";
import { readEvents } from "./read-events.ts";
import { agentId, channelId, organizationId, otherId, userId } from "./samples.ts";
import { type TaskDatabase, taskDatabase } from "./task-database.ts";

let llm: ScriptedLlm;
let memory: ChatMemory;
let database: TaskDatabase;
let settled: Promise<unknown>;
beforeAll(async () => {
  llm = await startScriptedLlm();
});
beforeEach(() => {
  memory = chatMemory();
  database = taskDatabase();
  llm.requests.length = 0;
});
afterAll(() => llm.close());

function chat(message: string, more: Partial<AgentChatTools> = {}, channel_id?: string) {
  return handleAgentChat(
    { agent_id: agentId, message, channel_id },
    {
      userId,
      store: memory.store,
      rpc: database.rpc,
      resolveModel: async () => settingsFor(llm),
      toolsOf: async () => [],
      backgroundOf: async () => noBackground(),
      loadTokenizer,
      waitUntil: (promise) => {
        settled = promise;
      },
      log: vi.fn(),
      correlationId: "abc",
      ...more,
    },
  );
}

async function eventsOf(response: Response): Promise<AgentChatEvent[]> {
  const events: AgentChatEvent[] = [];
  for await (const event of readEvents(response)) {
    events.push(event);
  }
  return events;
}

const textOf = (events: AgentChatEvent[]) =>
  events.map((event) => (event.event === "delta" ? event.data.text : "")).join("");

describe("a conversation with an agent", () => {
  it("streams the stored question, the answer in pieces, and the stored answer", async () => {
    const response = await chat("Good morning");

    const events = await eventsOf(response);

    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(events[0]).toMatchObject({
      event: "message",
      data: { content: "Good morning", user_id: userId, channel_id: channelId },
    });
    expect(events.filter(({ event }) => event === "delta").length).toBeGreaterThan(2);
    expect(textOf(events)).toBe("You said: Good morning");
    expect(events.at(-1)).toMatchObject({
      event: "done",
      data: {
        message: { content: "You said: Good morning", agent_id: agentId },
        usage: { prompt_tokens: 9, completion_tokens: 6 },
        cost_usd: 0.000125,
      },
    });
  });

  it("stores both messages, the answer with its model and what it answers", async () => {
    await eventsOf(await chat("Good morning"));

    const [question, answer] = memory.messages;
    expect(memory.messages).toHaveLength(2);
    expect(question).toMatchObject({ user_id: userId, agent_id: null });
    expect(answer).toMatchObject({
      user_id: null,
      agent_id: agentId,
      metadata: { model: "scripted", finish_reason: "stop", in_reply_to: question?.id },
    });
  });

  it("remembers what was said before", async () => {
    await eventsOf(await chat("My name is Ada"));
    await eventsOf(await chat("Who am I?"));

    expect(llm.requests[1]?.messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
      "system: You watch the market.",
      "user: My name is Ada",
      "assistant: You said: My name is Ada",
      "user: Who am I?",
    ]);
  });

  it("honours context_window_size and max_tokens", async () => {
    memory = chatMemory({ context_window_size: 40, max_tokens: 3 });
    for (const _ of Array(6)) {
      await memory.store.say(channelId, "Something long that was said a while ago");
    }

    const events = await eventsOf(await chat("One two three four five"));

    expect(llm.requests[0]?.messages.length).toBeLessThan(5);
    expect(llm.requests[0]?.maxTokens).toBe(3);
    expect(textOf(events)).toBe("You said: One");
    expect(memory.messages.at(-1)?.metadata.finish_reason).toBe("length");
  });

  it("speaks in the channel it is told", async () => {
    const openConversation = vi.fn();
    memory.store.openConversation = openConversation;

    await eventsOf(await chat("Hello", {}, channelId));

    expect(openConversation).not.toHaveBeenCalled();
    expect(database.callsOf("begin_model_call")[0]).toMatchObject({
      p_organization_id: organizationId,
      p_channel_id: channelId,
      p_user_id: userId,
    });
  });

  it("is charged once, to the organization of the agent", async () => {
    await eventsOf(await chat("Hello"));

    expect(database.callsOf("consume_request")).toEqual([{ p_organization_id: organizationId }]);
  });

  it("ends the model call when the client goes away, and keeps what was seen", async () => {
    const response = await chat("One two three four five six seven [[slow 40]]");

    for await (const event of readEvents(response)) {
      if (event.event === "delta") {
        break; // leaves the stream, which cancels it
      }
    }
    await settled;

    expect(database.callsOf("finish_model_call")).toEqual([
      expect.objectContaining({ p_status: "cancelled", p_error: "The client went away." }),
    ]);
    expect(database.callsOf("finish_model_call")[0]?.p_completion_tokens).toBeGreaterThan(0);
    expect(memory.messages.at(-1)).toMatchObject({
      agent_id: agentId,
      metadata: { partial: true, reason: "cancelled" },
    });
    await expect.poll(() => llm.requests[0]?.aborted).toBe(true);
  });

  it("says in the stream that the model broke off, and keeps what was seen", async () => {
    const events = await eventsOf(await chat("One two three four five [[cut after=5]]"));

    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { code: "model_bad_answer", correlation_id: "abc" },
    });
    expect(memory.messages.at(-1)).toMatchObject({
      content: textOf(events),
      metadata: { partial: true, reason: "model_bad_answer" },
    });
    expect(database.callsOf("finish_model_call")[0]).toMatchObject({ p_status: "failed" });
  });

  it("stores no answer when there was none", async () => {
    const events = await eventsOf(await chat("Hello [[status 400]]"));

    expect(events.map(({ event }) => event)).toEqual(["message", "error"]);
    expect(memory.messages).toHaveLength(1);
  });

  it("says when the answer could not be stored, with the call settled all the same", async () => {
    memory.store.postAnswer = async () => {
      throw new HttpError(403, "permission_denied", "You may not write here.");
    };

    const events = await eventsOf(await chat("Hello"));

    expect(events.at(-1)).toMatchObject({ event: "error", data: { code: "permission_denied" } });
    expect(database.callsOf("finish_model_call")[0]).toMatchObject({ p_status: "completed" });
  });
});

describe("a conversation is refused before anything is stored", () => {
  it.each<[string, () => Promise<Response>, object]>([
    [
      "when the agent is unknown to the caller",
      () => chat("Hi", { store: { ...memory.store, agent: async () => null } }),
      { status: 404, code: "agent_not_found" },
    ],
    [
      "when the caller may not run the agent",
      () => chat("Hi", { store: { ...memory.store, mayRun: async () => false } }),
      { status: 403, code: "agent_not_runnable" },
    ],
    [
      "when the channel is unknown to the caller",
      () => chat("Hi", {}, otherId),
      { status: 404, code: "channel_not_found" },
    ],
    [
      "when the channel is another organization's",
      () =>
        chat(
          "Hi",
          {
            store: {
              ...memory.store,
              channel: async () => ({ id: channelId, organization_id: otherId }),
            },
          },
          channelId,
        ),
      { status: 422, code: "channel_of_another_organization" },
    ],
    [
      "when the organization has had the requests of this minute",
      () => {
        database.override("consume_request", () => {
          throw new HttpError(429, "requests_quota_reached", "That was the last of this minute.");
        });
        return chat("Hi");
      },
      { status: 429, code: "requests_quota_reached" },
    ],
    [
      "when no model is configured",
      () =>
        chat("Hi", {
          resolveModel: async () => {
            throw new HttpError(503, "model_not_configured", "LLM_MODEL is not set.");
          },
        }),
      { status: 503, code: "model_not_configured" },
    ],
    [
      "when the message does not fit the context",
      () => chat("word ".repeat(5_000)),
      { status: 422, code: "context_too_long" },
    ],
    [
      "when the budget is used up",
      () => {
        database.override("begin_model_call", () => {
          throw new HttpError(402, "model_budget_exceeded", "The budget is used up.");
        });
        return chat("Hi");
      },
      { status: 402, code: "model_budget_exceeded" },
    ],
  ])("%s", async (_, ask, error) => {
    await expect(ask()).rejects.toMatchObject(error);

    expect(memory.messages).toHaveLength(0);
    expect(llm.requests).toHaveLength(0);
  });

  it("when the caller may not write in the channel, with the reservation given back", async () => {
    memory.store.say = async () => {
      throw new HttpError(403, "forbidden", "You are not allowed to do that.");
    };

    await expect(chat("Hi")).rejects.toMatchObject({ status: 403 });

    expect(database.callsOf("finish_model_call")[0]).toMatchObject({ p_status: "cancelled" });
  });
});
