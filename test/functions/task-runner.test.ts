import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { handleTaskRunner, type TaskRunnerTools } from "../../functions/task-runner/handler.ts";
import { prepareRun } from "../../functions/task-runner/prepare-run.ts";
import { taskQueue } from "../../functions/task-runner/queue.ts";
import type { StartedRun, StartedRunStep } from "../../types/schemas.ts";
import { nowhere } from "../support/internet/nowhere.ts";
import { type ScriptedLlm, startScriptedLlm } from "../support/llm/index.ts";
import { agent, agentId, organizationId, runId, startedRun, userId } from "./samples.ts";
import { type TaskDatabase, taskDatabase } from "./task-database.ts";

let llm: ScriptedLlm;
let database: TaskDatabase;
beforeAll(async () => {
  llm = await startScriptedLlm();
});
beforeEach(() => {
  database = taskDatabase();
  llm.requests.length = 0;
});
afterAll(() => llm.close());

const log = vi.fn();

function run(more: Partial<TaskRunnerTools> = {}, env?: Record<string, string>, seconds = 60) {
  const sources = {
    env: env ?? { LLM_BASE_URL: llm.url, LLM_MODEL: "scripted" },
    rpc: database.rpc,
    network: { resolveHost: async () => [], connect: nowhere, allowLoopback: false },
  };
  const wakeNext = vi.fn();
  const done = handleTaskRunner(
    { budget_seconds: seconds },
    {
      queue: taskQueue(database.rpc),
      prepare: () => prepareRun(sources, log),
      wakeNext,
      log,
      worker: "test",
      ...more,
    },
  );
  return { done, wakeNext };
}

/** A run none of whose steps is done; the given instructions replace a step's own. */
function openRun(instructions: Record<number, string> = {}): StartedRun {
  const fresh = startedRun();
  for (const [at, step] of fresh.steps.entries()) {
    step.status = "pending";
    step.result = null;
    step.instructions = instructions[at + 1] ?? step.instructions;
  }
  return fresh;
}

describe("the task runner", () => {
  it("does nothing when the queue is empty", async () => {
    const { done, wakeNext } = run();

    expect(await done).toEqual({ runs: [], handed_over: false });
    expect(wakeNext).not.toHaveBeenCalled();
  });

  it("does a run's steps in order and records each with its tokens and cost", async () => {
    database.add(openRun());

    const result = await run().done;

    expect(result).toEqual({ runs: [{ run_id: runId, status: "completed" }], handed_over: false });
    const completed = database.callsOf("complete_task_run_step");
    expect(completed.map(({ p_result }) => (p_result as { text: string }).text)).toEqual([
      expect.stringContaining("Step 1, Collect: done"),
      expect.stringContaining("It builds on Collect."),
      expect.stringContaining("It builds on Collect and Weigh."),
    ]);
    expect(completed[0]).toMatchObject({
      p_result: { model: "scripted", finish_reason: "stop" },
      p_prompt_tokens: expect.any(Number),
      p_completion_tokens: expect.any(Number),
      p_cost_usd: 0.000125,
    });
  });

  it("goes on where an earlier runner stopped", async () => {
    database.add();

    await run().done;

    expect(database.callsOf("start_task_run_step")).toHaveLength(1);
    expect(llm.requests[0]?.messages.at(-1)?.content).toContain("result 2");
  });

  it("enters every model call into the ledger before it is made", async () => {
    database.add();

    await run().done;

    const names = database.calls.map(({ name }) => name);
    expect(names.indexOf("begin_model_call")).toBeGreaterThan(names.indexOf("start_task_run_step"));
    expect(database.callsOf("begin_model_call")[0]).toMatchObject({
      p_organization_id: organizationId,
      p_agent_id: agentId,
      p_provider: "openai-compatible",
      p_model: "scripted",
      p_max_tokens: agent.max_tokens,
      p_user_id: userId,
    });
    expect(database.callsOf("finish_model_call")[0]).toMatchObject({
      p_status: "completed",
      p_retry_count: 0,
      p_error: null,
    });
  });

  it("fails a run whose model is not configured, naming the settings", async () => {
    database.add(openRun());

    const result = await run({}, {}).done;

    expect(result.runs).toEqual([{ run_id: runId, status: "failed" }]);
    expect(database.callsOf("fail_task_run_step")[0]).toMatchObject({
      p_retryable: false,
      p_error: expect.stringMatching(/LLM_BASE_URL and LLM_MODEL are not set/),
    });
    expect(database.callsOf("begin_model_call")).toHaveLength(0);
  });

  it("fails a run whose organization has used up its budget, with the database's words", async () => {
    database.add(openRun());
    database.override("begin_model_call", () => {
      throw new HttpError(402, "model_budget_exceeded", "The month's model budget is used up.");
    });

    const result = await run().done;

    expect(result.runs[0]?.status).toBe("failed");
    expect(database.callsOf("fail_task_run_step")[0]).toMatchObject({
      p_retryable: false,
      p_error: "The month's model budget is used up.",
    });
    expect(llm.requests).toHaveLength(0);
  });

  it("leaves a busy provider to the queue, with the time it asked for", async () => {
    database.add(openRun({ 1: "Collect [[status 429 retry-after=90]]" }));

    const result = await run().done;

    expect(result.runs[0]?.status).toBe("retry");
    expect(database.callsOf("fail_task_run_step")[0]).toMatchObject({
      p_retryable: true,
      p_retry_after_seconds: 90,
    });
    expect(database.callsOf("finish_model_call")[0]).toMatchObject({ p_status: "failed" });
  });

  it("counts the attempts of a call that went well in the end", async () => {
    database.add(openRun({ 1: "Collect [[status 503 retry-after=0 times=2]]" }));

    await run().done;

    expect(database.callsOf("finish_model_call")[0]).toMatchObject({
      p_status: "completed",
      p_retry_count: 2,
    });
  });

  it("stops when the run was cancelled meanwhile", async () => {
    database.add(openRun());
    database.override("complete_task_run_step", () => "cancelled");

    const result = await run().done;

    expect(result.runs[0]?.status).toBe("cancelled");
    expect(llm.requests).toHaveLength(1);
  });

  it("leaves a run that was cancelled between its steps", async () => {
    database.add(openRun());
    database.override("start_task_run_step", () => {
      database.override("claim_jobs", () => []);
      throw new HttpError(409, "run_cancelled", "The run is not running any more");
    });

    const result = await run({ concurrency: 1 }).done;

    expect(result.runs[0]?.status).toBe("cancelled");
    expect(database.callsOf("release_job")).toHaveLength(1);
    expect(database.callsOf("fail_job")).toHaveLength(0);
  });

  it("skips a run that must not be run any more", async () => {
    database.add(openRun());
    database.override("start_task_run", () => null);

    expect(await run().done).toEqual({ runs: [], handed_over: false });
  });

  it("drops a run whose lease was lost, silently, and goes on with the next", async () => {
    const lost = database.add(openRun({ 1: "Collect [[slow 1]]" }));
    const other = { ...openRun(), run_id: crypto.randomUUID() };
    database.add(other);
    database.override("start_task_run_step", () => {
      database.steal(lost);
      return null;
    });

    const result = await run({ concurrency: 1 }).done;

    expect(result.runs).toEqual([
      { run_id: runId, status: "lost" },
      { run_id: other.run_id, status: "completed" },
    ]);
    expect(database.callsOf("fail_task_run_step")).toHaveLength(0);
    expect(database.callsOf("fail_job")).toHaveLength(0);
  });

  it("extends the lease while a model takes its time, and ends the call when it is lost", async () => {
    const stolen = database.add(openRun({ 1: "Collect [[stall]]" }));
    setTimeout(() => database.steal(stolen), 150);

    const result = await run({ extendEveryMs: 40 }).done;

    expect(result.runs[0]?.status).toBe("lost");
    expect(database.callsOf("extend_job").length).toBeGreaterThan(2);
    expect(database.callsOf("finish_model_call")[0]).toMatchObject({ p_status: "cancelled" });
    await expect.poll(() => llm.requests[0]?.aborted).toBe(true);
  });

  it("hands over between steps when its time is over, and wakes the next runner", async () => {
    database.add(openRun());
    let clock = 0;
    database.override("start_task_run_step", () => {
      clock = 61_000;
      return null;
    });

    const { done, wakeNext } = run({ now: () => clock });

    expect(await done).toEqual({
      runs: [{ run_id: runId, status: "released" }],
      handed_over: true,
    });
    expect(database.callsOf("complete_task_run_step")).toHaveLength(1);
    expect(database.callsOf("release_job")).toHaveLength(1);
    expect(wakeNext).toHaveBeenCalledOnce();
  });

  it("works on several runs at once, but not on too many", async () => {
    for (let at = 0; at < 9; at += 1) {
      const one = openRun({ 1: "Collect [[status 503 retry-after=0 times=0]]" });
      database.add({ ...one, run_id: crypto.randomUUID() });
    }
    let running = 0;
    let most = 0;
    const prepare = () => async (_: StartedRun, step: StartedRunStep) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { result: { text: step.step_name }, promptTokens: 1, completionTokens: 1, costUsd: 0 };
    };

    const result = await run({ prepare, concurrency: 4 }).done;

    expect(result.runs).toHaveLength(9);
    expect(most).toBe(4);
  });

  it("gives a job back when the database breaks off in the middle", async () => {
    database.add(openRun());
    database.override("complete_task_run_step", () => {
      throw new HttpError(503, "database_unavailable", "The database did not answer.");
    });

    const result = await run().done;

    expect(result.runs[0]?.status).toBe("retry");
    expect(database.callsOf("fail_job")[0]).toMatchObject({ p_permanent: false });
  });

  it("refuses work that is no task run, for good", async () => {
    database.add();
    database.override("claim_jobs", () => {
      database.override("claim_jobs", () => []);
      return [{ ...claimed, kind: "laundry" }];
    });

    await run({ concurrency: 1 }).done;

    expect(database.callsOf("fail_job")[0]).toMatchObject({ p_permanent: true });
  });

  it("fails when the queue cannot be read", async () => {
    database.override("claim_jobs", () => {
      throw new HttpError(503, "database_unavailable", "The database did not answer.");
    });

    await expect(run().done).rejects.toMatchObject({ code: "database_unavailable" });
  });
});

const claimed = {
  id: 1,
  kind: "task_run",
  organization_id: organizationId,
  payload: {},
  attempts: 1,
  max_attempts: 5,
  lease_token: 100,
  leased_until: "2026-01-01T00:00:00Z",
};
