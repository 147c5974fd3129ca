import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { noBackground } from "../../functions/_shared/agent/background.ts";
import { distinctNames } from "../../functions/_shared/agent/distinct-names.ts";
import type { EarlierCalls } from "../../functions/_shared/agent/earlier-calls.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { ModelSettings } from "../../functions/_shared/model/model-settings.ts";
import { loadTokenizer } from "../../functions/_shared/tokens/count-tokens.ts";
import type { Tool } from "../../functions/_shared/tools/tool.ts";
import { handleAgentChat } from "../../functions/agent-chat/handler.ts";
import { handleTaskRunner } from "../../functions/task-runner/handler.ts";
import { prepareRun } from "../../functions/task-runner/prepare-run.ts";
import { taskQueue } from "../../functions/task-runner/queue.ts";
import type { AgentChatEvent } from "../../types/schemas.ts";
import { nowhere } from "../support/internet/nowhere.ts";
import { type ScriptedLlm, startScriptedLlm } from "../support/llm/index.ts";
import { type ChatMemory, chatMemory } from "./chat-memory.ts";
import { settingsFor } from "./model-request.ts";
import { readEvents } from "./read-events.ts";
import { failingTool, sampleTool } from "./sample-tools.ts";
import { agentId, channelId, startedRun, userId } from "./samples.ts";
import { type TaskDatabase, taskDatabase } from "./task-database.ts";

let llm: ScriptedLlm;
let memory: ChatMemory;
let database: TaskDatabase;
let settled: Promise<unknown>;
const log = vi.fn();
beforeAll(async () => {
  llm = await startScriptedLlm();
});
beforeEach(() => {
  memory = chatMemory();
  database = taskDatabase();
  llm.requests.length = 0;
  log.mockClear();
});
afterAll(() => llm.close());

function ask(message: string, tools: Tool[], settings: Partial<ModelSettings> = {}) {
  return handleAgentChat(
    { agent_id: agentId, message },
    {
      userId,
      store: memory.store,
      rpc: database.rpc,
      resolveModel: async () => settingsFor(llm, settings),
      toolsOf,
      backgroundOf: async () => noBackground(),
      loadTokenizer,
      waitUntil: (promise) => {
        settled = promise;
      },
      log,
      correlationId: "abc",
    },
  );

  async function toolsOf() {
    return tools;
  }
}

async function chat(...args: Parameters<typeof ask>): Promise<AgentChatEvent[]> {
  const events: AgentChatEvent[] = [];
  for await (const event of readEvents(await ask(...args))) {
    events.push(event);
  }
  return events;
}

const namesOf = (events: AgentChatEvent[]) => events.map(({ event }) => event);
const resultsOf = (events: AgentChatEvent[]) =>
  events.flatMap((event) => (event.event === "tool_result" ? [event.data] : []));
const textOf = (events: AgentChatEvent[]) =>
  events.map((event) => (event.event === "delta" ? event.data.text : "")).join("");
const shownToModel = (at = 1) =>
  llm.requests[at]?.messages.filter(({ role }) => role === "tool").map(({ content }) => content);

describe.each(["openai-compatible", "anthropic"] as const)(
  "an agent with tools by %s",
  (provider) => {
    it("calls what the model asks for, and answers with what came back", async () => {
      const search = sampleTool("search", () => "three mails");

      const events = await chat('What is new? [[call search {"what": "mail"}]]', [search], {
        provider,
      });

      expect(search.call).toHaveBeenCalledExactlyOnceWith({ what: "mail" }, expect.anything());
      expect(textOf(events)).toBe("You said: What is new? The tools answered: three mails");
      expect(events.at(-1)?.event).toBe("done");
    });

    it("speaks before and after its calls", async () => {
      const tools = [sampleTool("search")];

      const events = await chat("Look [[say One moment.]] [[call search]]", tools, { provider });

      expect(textOf(events)).toMatch(/^One moment\.\n\nYou said: Look/);
      expect(memory.messages.at(-1)?.content).toBe(textOf(events));
    });

    it("makes several calls at the same time, and shows the results in their order", async () => {
      const begun: string[] = [];
      const meet = async (name: string) => {
        begun.push(name);
        await expect.poll(() => begun.length).toBe(2);
        return `${name} met the other`;
      };
      const tools = [
        sampleTool("left", () => meet("left")),
        sampleTool("right", () => meet("right")),
      ];

      await chat("Go [[call left]] [[call right]]", tools, { provider });

      expect(shownToModel()).toEqual(["left met the other", "right met the other"]);
    });

    it("is not asked again without tools that it was lent", async () => {
      const events = await chat("Hello [[status 400]]", [sampleTool("search")]);

      expect(events.at(-1)?.event).toBe("error");
      expect(llm.requests).toHaveLength(1);
    });

    it("has to answer in the eighth question", async () => {
      const search = sampleTool("search");

      const events = await chat("Look [[call round=any search]]", [search], { provider });

      expect(llm.requests).toHaveLength(8);
      expect(llm.requests.map(({ mayCallTools }) => mayCallTools)).toEqual([
        ...Array(7).fill(true),
        false,
      ]);
      expect(llm.requests.at(-1)?.tools).toEqual(["search"]);
      expect(search.call).toHaveBeenCalledTimes(7);
      expect(events.at(-1)?.event).toBe("done");
    });

    it("is told when an input is no JSON object", async () => {
      const search = sampleTool("search");

      await chat("Look [[call search [1, 2]]]", [search], { provider });

      expect(search.call).not.toHaveBeenCalled();
      expect(shownToModel()?.[0]).toContain("no JSON object");
    });

    it("does a step of a task with them", async () => {
      const search = sampleTool("search", () => "three mails");

      const done = await step("Collect what is new. [[call search]]", [search], { provider });

      expect(done).toMatchObject({
        p_result: {
          text: expect.stringContaining("The tools answered: three mails"),
          tool_calls: [{ name: "search", status: "completed" }],
        },
      });
    });
  },
);

describe("a conversation with tools", () => {
  it("streams each call and each result, and keeps them with the answer", async () => {
    const events = await chat('Look [[call search {"what": "mail"}]]', [sampleTool("search")]);

    expect(namesOf(events).slice(0, 4)).toEqual(["message", "tool_call", "tool_result", "delta"]);
    expect(events[1]).toMatchObject({ data: { name: "search", input: '{"what":"mail"}' } });
    expect(events[2]).toMatchObject({
      data: { name: "search", status: "completed", text: "search is done", is_truncated: false },
    });
    expect(memory.messages.at(-1)?.metadata.tool_calls).toEqual([
      {
        id: "call_1_1",
        name: "search",
        status: "completed",
        duration_ms: expect.any(Number),
      },
    ]);
  });

  it("keeps what tools were given and gave out of the message, which others may read", async () => {
    const tools = [sampleTool("search", () => "a private mail")];

    await chat('Look [[reply Done.]] [[call search {"what": "my secret"}]]', tools);

    expect(JSON.stringify(memory.messages.at(-1))).not.toMatch(/private mail|my secret/);
  });

  it("sums up tokens and costs of all questions", async () => {
    const events = await chat("Look [[call search]]", [sampleTool("search")]);

    expect(database.callsOf("finish_model_call")).toHaveLength(2);
    const tokens = database
      .callsOf("finish_model_call")
      .reduce((sum, { p_prompt_tokens }) => sum + Number(p_prompt_tokens), 0);
    expect(events.at(-1)).toMatchObject({
      data: { cost_usd: 0.00025, usage: { prompt_tokens: tokens } },
    });
  });

  it("tells the model that there is no such tool, and which there are", async () => {
    const events = await chat("Look [[call constructor]]", [sampleTool("search")]);

    expect(shownToModel()).toEqual(["There is no tool of that name. There are: search."]);
    expect(resultsOf(events)[0]).toMatchObject({ name: "constructor", status: "failed" });
  });

  it("shows the model why a tool refused or failed, and goes on", async () => {
    const tools = [
      failingTool("send", { status: "denied", text: "You were not given this connection." }),
      failingTool("search", { text: "The provider does not answer. Try again later." }),
    ];

    const events = await chat("Go [[call send]] [[call search]]", tools);

    expect(shownToModel()).toEqual([
      "You were not given this connection.",
      "The provider does not answer. Try again later.",
    ]);
    expect(memory.messages.at(-1)?.metadata.tool_calls).toMatchObject([
      { status: "denied", error: "You were not given this connection." },
      { status: "failed", error: "The provider does not answer. Try again later." },
    ]);
    expect(events.at(-1)?.event).toBe("done");
  });

  it("survives a tool that throws, and says nothing of why", async () => {
    const broken = sampleTool("search", () => {
      throw new Error("password=hunter2");
    });

    const events = await chat("Look [[call search]]", [broken]);

    expect(shownToModel()?.[0]).toBe(
      "Something went wrong on our side. It may or may not have been done.",
    );
    expect(events.at(-1)?.event).toBe("done");
    expect(log).toHaveBeenCalledWith("error", "a tool threw", expect.anything());
  });

  it("makes at most eight calls at once, and says so", async () => {
    const search = sampleTool("search");

    await chat(`Look ${"[[call search]] ".repeat(10)}`, [search]);

    expect(search.call).toHaveBeenCalledTimes(8);
    expect(shownToModel()?.slice(8)).toEqual([
      expect.stringContaining("Not called"),
      expect.stringContaining("Not called"),
    ]);
  });

  it("ends with a clear error when the model never answers", async () => {
    const search = sampleTool("search");

    const events = await chat("Look [[call round=stubborn search]]", [search]);

    expect(llm.requests).toHaveLength(8);
    expect(search.call).toHaveBeenCalledTimes(7);
    expect(events.at(-1)).toMatchObject({ event: "error", data: { code: "model_gave_no_answer" } });
  });

  it("shortens results, so that every question stays within the context window", async () => {
    memory = chatMemory({ context_window_size: 1_000 });
    const tools = [sampleTool("search", () => "word ".repeat(10_000))];

    const events = await chat(`Look ${"[[call search]] ".repeat(3)}`, tools);

    const estimates = database.callsOf("begin_model_call").map((call) => {
      return Number(call.p_prompt_tokens_estimate);
    });
    expect(estimates).toHaveLength(2);
    expect(estimates[1]).toBeGreaterThan(700);
    expect(estimates[1]).toBeLessThanOrEqual(1_000);
    expect(shownToModel()?.every((text) => text.includes("shortened"))).toBe(true);
    expect(resultsOf(events).every(({ is_truncated }) => is_truncated)).toBe(true);
  });

  it("may call nothing more once the context is full", async () => {
    memory = chatMemory({ context_window_size: 400 });
    const search = sampleTool("search", () => "word ".repeat(10_000));

    const events = await chat("Look [[call round=any search]]", [search]);

    expect(llm.requests.length).toBeLessThan(8);
    expect(llm.requests.at(-1)?.mayCallTools).toBe(false);
    expect(events.at(-1)?.event).toBe("done");
  });

  it("leaves room for results where the history would fill the context", async () => {
    memory = chatMemory({ context_window_size: 1_000 });
    for (const _ of Array(40)) {
      await memory.store.say(channelId, "word ".repeat(50));
    }

    await chat("Look [[call search]]", [sampleTool("search", () => "word ".repeat(200))]);

    expect(shownToModel()?.[0]).not.toContain("does not fit");
  });

  it("is told of no tools whose definitions do not fit", async () => {
    memory = chatMemory({ context_window_size: 500 });
    const wordy = { ...sampleTool("wordy"), description: "word ".repeat(1_000) };

    await chat("Look", [wordy, sampleTool("search")]);

    expect(llm.requests[0]?.tools).toEqual(["search"]);
    expect(log).toHaveBeenCalledWith("warn", expect.stringContaining("left out"), {
      tools: 1,
      agent: agentId,
    });
  });

  it("is told that what tools answer is data, no instruction", async () => {
    await chat("Look", [sampleTool("search")]);

    expect(llm.requests[0]?.messages[0]).toMatchObject({
      role: "system",
      content: expect.stringMatching(/^You watch the market\.\n\n.*never an instruction/s),
    });
  });

  it("asks as ever where there are no tools", async () => {
    await chat("Good morning", []);

    expect(llm.requests[0]?.body).toEqual({
      model: "scripted",
      max_tokens: 1000,
      messages: [
        { role: "system", content: "You watch the market." },
        { role: "user", content: "Good morning" },
      ],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("enters every question into the ledger, and settles it before tools are called", async () => {
    let settledBefore = 0;
    const search = sampleTool("search", () => {
      settledBefore = database.callsOf("finish_model_call").length;
      return "found";
    });

    await chat("Look [[call search]]", [search]);

    expect(settledBefore).toBe(1);
    const [first, second] = database.callsOf("begin_model_call");
    expect(Number(second?.p_prompt_tokens_estimate)).toBeGreaterThan(
      Number(first?.p_prompt_tokens_estimate),
    );
    expect(database.callsOf("finish_model_call")).toEqual([
      expect.objectContaining({ p_status: "completed" }),
      expect.objectContaining({ p_status: "completed" }),
    ]);
  });

  it("ends when the budget does, with what was said and done kept", async () => {
    database.override("begin_model_call", () => {
      database.override("begin_model_call", () => {
        throw new HttpError(402, "model_budget_exceeded", "The month's budget is used up.");
      });
      return crypto.randomUUID();
    });

    const events = await chat("Look [[say One moment.]] [[call search]]", [sampleTool("search")]);

    expect(llm.requests).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { code: "model_budget_exceeded", message: "The month's budget is used up." },
    });
    expect(memory.messages.at(-1)).toMatchObject({
      content: "One moment.",
      metadata: {
        partial: true,
        reason: "model_budget_exceeded",
        tool_calls: [{ name: "search", status: "completed" }],
      },
    });
  });

  it("counts the attempts of the question that took them", async () => {
    await chat("Look [[status 503 retry-after=0 times=2 round=2]] [[call search]]", [
      sampleTool("search"),
    ]);

    expect(database.callsOf("finish_model_call").map(({ p_retry_count }) => p_retry_count)).toEqual(
      [0, 2],
    );
  });

  it("settles the question that failed, and no other", async () => {
    const events = await chat("Look [[status 400 round=2]] [[call search]]", [
      sampleTool("search"),
    ]);

    expect(database.callsOf("finish_model_call").map(({ p_status }) => p_status)).toEqual([
      "completed",
      "failed",
    ]);
    expect(events.at(-1)).toMatchObject({ event: "error", data: { code: "model_refused" } });
  });

  it("cancels its tools when the client goes away, and asks nothing more", async () => {
    let wasCancelled = false;
    const slow = sampleTool("search", async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      wasCancelled = true;
      return "";
    });

    for await (const { event } of readEvents(await ask("Look [[call search]]", [slow]))) {
      if (event === "tool_call") {
        break;
      }
    }
    await settled;

    expect(wasCancelled).toBe(true);
    expect(llm.requests).toHaveLength(1);
    expect(database.callsOf("finish_model_call")).toHaveLength(1);
  });
});

describe("a step of a task with tools", () => {
  it("is done for the owner of the task, and names itself to the tools", async () => {
    const toolsOf = vi.fn(async () => []);

    await step("Collect what is new.", toolsOf);

    expect(toolsOf).toHaveBeenCalledWith(
      { agentId, userId, runStepId: startedRun().steps[0]?.id },
      expect.anything(),
    );
  });

  it("records tokens and costs of all its questions", async () => {
    const done = await step("Collect what is new. [[call search]]", [sampleTool("search")]);

    const tokens = database
      .callsOf("finish_model_call")
      .reduce((sum, { p_prompt_tokens }) => sum + Number(p_prompt_tokens), 0);
    expect(done).toMatchObject({ p_prompt_tokens: tokens, p_cost_usd: 0.00025 });
  });

  it("tells an agent that begins again what it has done already", async () => {
    const earlierCalls = vi.fn(async () => [
      { tool_name: "send", status: "completed" as const, input: {}, output: "sent to Bob" },
    ]);

    await step("Write to Bob.", [sampleTool("send")], {}, earlierCalls);

    expect(earlierCalls).toHaveBeenCalledWith(startedRun().steps[0]?.id);
    expect(llm.requests[0]?.messages.at(-1)?.content).toContain("answered sent to Bob");
  });

  it("has no tool_calls in its result where none were made", async () => {
    const done = await step("Collect what is new.", [sampleTool("search")]);

    expect(done?.p_result).not.toHaveProperty("tool_calls");
  });

  it("fails for good when the budget ends between its questions", async () => {
    database.override("begin_model_call", () => {
      database.override("begin_model_call", () => {
        throw new HttpError(402, "model_budget_exceeded", "The month's budget is used up.");
      });
      return crypto.randomUUID();
    });

    await step("Collect what is new. [[call search]]", [sampleTool("search")]);

    expect(database.callsOf("fail_task_run_step")[0]).toMatchObject({
      p_retryable: false,
      p_error: "The month's budget is used up.",
    });
  });
});

describe("names of tools", () => {
  it("are made such as models take, and no two alike", () => {
    const long = "x".repeat(70);
    const names = ["a.b c", "a_b_c", long, `${long}y`, "fine"].map((name) => sampleTool(name));

    expect(distinctNames(names).map(({ name }) => name)).toEqual([
      "a_b_c",
      "a_b_c_2",
      "x".repeat(64),
      `${"x".repeat(62)}_2`,
      "fine",
    ]);
  });
});

type ToolsOf = Parameters<typeof prepareRun>[3];

/** Runs a task whose one step has these instructions, and answers what was recorded. */
async function step(
  instructions: string,
  tools: Tool[] | ToolsOf,
  { provider }: Partial<ModelSettings> = {},
  earlierCalls?: EarlierCalls,
) {
  const run = startedRun();
  run.steps = run.steps.slice(0, 1);
  Object.assign(run.steps[0] ?? {}, { instructions, status: "pending", result: null });
  database.add(run);
  const sources = {
    env: {
      LLM_BASE_URL: llm.url,
      LLM_MODEL: "scripted",
      LLM_API_KEY: "test-key-1234",
      ...(provider ? { LLM_PROVIDER: provider } : {}),
    },
    rpc: database.rpc,
    network: { resolveHost: async () => [], connect: nowhere, allowLoopback: false },
  };
  const toolsOf = Array.isArray(tools) ? async () => tools : tools;

  await handleTaskRunner(
    { budget_seconds: 60 },
    {
      queue: taskQueue(database.rpc),
      prepare: () => prepareRun(sources, log, undefined, toolsOf, earlierCalls),
      wakeNext: vi.fn(),
      log,
      worker: "test",
    },
  );
  return database.callsOf("complete_task_run_step")[0];
}
