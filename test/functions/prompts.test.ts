import { beforeAll, describe, expect, it } from "vitest";
import { chatPrompt } from "../../functions/_shared/agent/chat-prompt.ts";
import { stepPrompt } from "../../functions/_shared/agent/step-prompt.ts";
import { type CountTokens, loadTokenizer } from "../../functions/_shared/tokens/count-tokens.ts";
import type { StartedRun, StartedRunStep } from "../../types/schemas.ts";
import { agent, agentId, otherId, startedRun, userId } from "./samples.ts";

let count: CountTokens;
beforeAll(async () => {
  count = await loadTokenizer();
});

describe("the prompt of a step", () => {
  const promptOf = (run: StartedRun, at = 2) => {
    const { prompt, tokens } = stepPrompt(run, run.steps[at] as StartedRunStep, count);
    return { system: prompt.system, text: prompt.messages[0]?.content ?? "", tokens };
  };

  it("holds the agent's instructions, the task, the earlier results and the step", () => {
    const { system, text, tokens } = promptOf(startedRun());

    expect(system).toBe("You watch the market.");
    expect(text).toBe(
      [
        "# Task: Morning report",
        "What happened over night.",
        "# Results of the earlier steps",
        "## Step 1: Collect\n\nresult 1",
        "## Step 2: Weigh\n\nresult 2",
        "# Your step (3): Write\n\nWrite the report now.",
      ].join("\n\n"),
    );
    expect(tokens).toBeGreaterThan(20);
  });

  it("says what an attempt that broke off has done already, after the step", () => {
    const run = startedRun();
    const { prompt } = stepPrompt(run, run.steps[2] as StartedRunStep, count, undefined, [
      { tool_name: "send", status: "completed", input: { to: "bob" }, output: { id: "m1" } },
      { tool_name: "book", status: "running", input: {}, output: null },
    ]);

    expect(prompt.messages[0]?.content).toMatch(
      /# Your step.*# What was done before.*- send with {"to":"bob"} answered {"id":"m1"}\n- book with {} broke off/s,
    );
  });

  it("keeps what was done before within the window, however much it was", () => {
    const run = startedRun({ agent: { ...agent, context_window_size: 500 } });
    const long = { tool_name: "send", status: "completed" as const, input: {} };
    const calls = Array.from({ length: 50 }, () => ({ ...long, output: "word ".repeat(400) }));

    const { prompt, tokens } = stepPrompt(
      run,
      run.steps[2] as StartedRunStep,
      count,
      undefined,
      calls,
    );

    expect(prompt.messages[0]?.content).toContain("# What was done before");
    expect(tokens).toBeLessThanOrEqual(500);
  });

  it("leaves the earlier results out unless the step wants them", () => {
    const run = startedRun();
    (run.steps[2] as StartedRunStep).include_previous_context = false;

    expect(promptOf(run).text).not.toContain("result 1");
  });

  it("tells the event that started the task", () => {
    const { text } = promptOf(startedRun({ payload: { order: 17 } }));

    expect(text).toContain('# The event that started this task\n\n{\n  "order": 17\n}');
  });

  it("prefers the newest result and shortens the one that no longer fits", () => {
    const run = startedRun({ agent: { ...agent, context_window_size: 400 } });
    (run.steps[0] as StartedRunStep).result = { text: `FIRST ${"word ".repeat(500)}` };
    (run.steps[1] as StartedRunStep).result = { text: "short and new" };

    const { text, tokens } = promptOf(run);

    expect(text).toContain("short and new");
    expect(text).toContain("FIRST");
    expect(text).toContain("shortened");
    expect(tokens).toBeLessThanOrEqual(400);
    expect(tokens).toBeGreaterThan(350);
  });

  it("stays within the window whatever the event and the results are", () => {
    for (const size of [80, 150, 500, 2_000]) {
      const run = startedRun({
        agent: { ...agent, context_window_size: size },
        payload: { text: "много слов ".repeat(1_000) },
      });
      for (const step of run.steps.slice(0, 2)) {
        step.result = { text: "漢字 and words ".repeat(800) };
      }

      expect(promptOf(run).tokens).toBeLessThanOrEqual(size);
    }
  });

  it("is refused when the instructions alone are too long", () => {
    const run = startedRun({ agent: { ...agent, context_window_size: 20 } });

    expect(() => promptOf(run)).toThrow(/context_window_size is 20/);
  });

  it("introduces an agent that has no instructions", () => {
    expect(promptOf(startedRun({ agent: { ...agent, instructions: null } })).system).toBe(
      "You are Marta.",
    );
  });
});

describe("the prompt of a conversation", () => {
  const message = (content: string, user_id: string | null, agent_id: string | null = null) => ({
    content,
    user_id,
    agent_id,
  });
  const base = { agent, message: "And now?", userId, names: new Map<string, string>() };

  it("gives the agent's own words back as its own", () => {
    const history = [message("Hello", userId), message("Hi", null, agentId)];

    const { prompt } = chatPrompt({ ...base, history }, count);

    expect(prompt.messages).toEqual([
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Hi" },
      { role: "user", content: "And now?" },
    ]);
  });

  it("names the authors where others speak too", () => {
    const history = [message("Hello", otherId), message("Hi", null, agentId)];
    const names = new Map([
      [otherId, "Bob"],
      [userId, "Alice"],
    ]);

    const { prompt } = chatPrompt({ ...base, history, names }, count);

    expect(prompt.messages.map(({ content }) => content)).toEqual([
      "Bob: Hello",
      "Hi",
      "Alice: And now?",
    ]);
  });

  it("does not begin with the agent's words", () => {
    const history = [message("I said that", null, agentId)];

    const { prompt } = chatPrompt({ ...base, history }, count);

    expect(prompt.messages).toEqual([{ role: "user", content: "And now?" }]);
  });

  it("keeps to the agent's window", () => {
    const history = Array.from({ length: 50 }, (_, at) => message(`Line ${at}`, userId));
    const small = { ...agent, context_window_size: 60 };

    const { prompt, tokens } = chatPrompt({ ...base, agent: small, history }, count);

    expect(tokens).toBeLessThanOrEqual(60);
    expect(prompt.messages.at(-2)?.content).toBe("Line 49");
    expect(prompt.messages.length).toBeLessThan(10);
  });
});
