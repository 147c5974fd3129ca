import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { type ScriptedLlm, startScriptedLlm } from "../../support/llm/index.ts";
import { clientOf } from "../../support/stack.ts";
import { giveModel, must, newPerson, type Person, runTask } from "./people.ts";
import { startModellessStack } from "./stack.ts";

let stack: Stack;
let llm: ScriptedLlm;
let service: SupabaseClient;
beforeAll(async () => {
  [stack, llm] = await Promise.all([startModellessStack(), startScriptedLlm()]);
  service = clientOf(stack, stack.keys.secretKey);
});
afterAll(() => Promise.all([stack?.stop(), llm?.close()]));

/** One turn of the engine, as cron does it. */
async function turn() {
  const response = await fetch(`${stack.url}/functions/v1/task-scheduler`, {
    method: "POST",
    headers: { apikey: stack.keys.secretKey },
  });
  expect(response.status).toBe(200);
  return response.json();
}

/** Waits until a run is over, with the engine turning; answers the run and its steps. */
async function outcomeOf(person: Person, runId: string) {
  let run = { status: "" } as Record<string, unknown>;
  await expect
    .poll(
      async () => {
        await turn();
        run = must(await person.client.from("agent_task_runs").select().eq("id", runId).single());
        return run.status;
      },
      { timeout: 20_000, interval: 250 },
    )
    .toMatch(/completed|failed|cancelled/);
  const steps = must(
    await person.client
      .from("agent_task_run_steps")
      .select()
      .eq("run_id", runId)
      .order("step_order"),
  );
  return { run, steps };
}

const ledgerOf = async (person: Person) =>
  must(await person.client.from("ai_agent_tasks").select().order("created_at"));

const messagesOf = async (person: Person) =>
  must(await person.client.from("chat_messages").select().eq("channel_id", person.channelId));

const STEPS = [
  "Collect what there is to know.",
  "Weigh what was collected.",
  "Write the report about it.",
];

describe("a task of three steps", () => {
  it("runs, each step with result, tokens and cost, and posts its result", async () => {
    const person = await newPerson(stack);
    await giveModel(person, llm.url);

    const { run, steps } = await outcomeOf(person, await runTask(person, STEPS));

    expect(run).toMatchObject({ status: "completed", completed_step_count: 3 });
    expect(steps.map(({ result }: { result: { text: string } }) => result.text)).toEqual([
      expect.stringContaining("Step 1, Step 1: done"),
      expect.stringContaining("It builds on Step 1."),
      expect.stringContaining("It builds on Step 1 and Step 2."),
    ]);
    for (const step of steps) {
      expect(step).toMatchObject({
        status: "completed",
        execution_duration_ms: expect.any(Number),
      });
      expect(step.prompt_tokens).toBeGreaterThan(0);
      expect(Number(step.cost_usd)).toBeGreaterThan(0);
    }
    expect(await messagesOf(person)).toEqual([
      expect.objectContaining({ agent_id: person.agentId, content: steps[2].result.text }),
    ]);
    expect(await ledgerOf(person)).toHaveLength(3);
  });

  it("fails with the missing settings named when no model is configured", async () => {
    const person = await newPerson(stack);

    const { run, steps } = await outcomeOf(person, await runTask(person, STEPS));

    expect(run.status).toBe("failed");
    expect(run.error_message).toContain("LLM_BASE_URL and LLM_MODEL are not set");
    expect(steps.map(({ status }: { status: string }) => status)).toEqual([
      "failed",
      "skipped",
      "skipped",
    ]);
  });

  it("stops when the month's budget is used up", async () => {
    const person = await newPerson(stack);
    await giveModel(person, llm.url);
    must(
      await person.client
        .from("organization_quotas")
        .update({ monthly_model_cost_limit_usd: 0.0001 })
        .eq("organization_id", person.organizationId)
        .select()
        .single(),
    );
    const before = llm.requests.length;

    const { run } = await outcomeOf(person, await runTask(person, STEPS));

    expect(run.status).toBe("failed");
    expect(run.error_message).toMatch(/budget/i);
    expect(llm.requests.length).toBe(before);
  });

  it("goes on where a killed runner stopped, and does nothing twice", async () => {
    const person = await newPerson(stack);
    await giveModel(person, llm.url);
    const runId = await runTask(person, STEPS);
    // A runner that claims the job, does the first step, begins the second, and dies.
    const [job] = must(
      await service.rpc("claim_jobs", { p_queue: "tasks", p_limit: 1, p_lease_seconds: 1 }),
    );
    const lease = { p_job_id: job.id, p_lease_token: job.lease_token };
    const started = must(await service.rpc("start_task_run", lease));
    must(
      await service.rpc("start_task_run_step", { ...lease, p_run_step_id: started.steps[0].id }),
    );
    must(
      await service.rpc("complete_task_run_step", {
        ...lease,
        p_run_step_id: started.steps[0].id,
        p_result: { text: "done before the kill" },
        p_prompt_tokens: 1,
        p_completion_tokens: 1,
        p_cost_usd: 0,
      }),
    );
    must(
      await service.rpc("start_task_run_step", { ...lease, p_run_step_id: started.steps[1].id }),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_100));

    const { run, steps } = await outcomeOf(person, runId);
    const late = await service.rpc("complete_task_run_step", {
      ...lease,
      p_run_step_id: started.steps[1].id,
      p_result: { text: "too late" },
      p_prompt_tokens: 1,
      p_completion_tokens: 1,
      p_cost_usd: 0,
    });

    expect(run.status).toBe("completed");
    expect(steps[0].result.text).toBe("done before the kill");
    expect(steps[1]).toMatchObject({ status: "completed", retry_count: 1 });
    expect(steps[1].result.text).not.toBe("too late");
    expect(await ledgerOf(person)).toHaveLength(2);
    expect(await messagesOf(person)).toHaveLength(1);
    expect(late.error).toMatchObject({ details: "lease_lost" });
  });

  it("tries a step again when the provider fails for a while", async () => {
    const person = await newPerson(stack);
    await giveModel(person, llm.url);
    const runId = await runTask(person, [
      `Collect what there is. [[status 503 retry-after=0 times=2 id=${crypto.randomUUID()}]]`,
    ]);

    const { run } = await outcomeOf(person, runId);

    expect(run.status).toBe("completed");
    expect(await ledgerOf(person)).toEqual([
      expect.objectContaining({ status: "completed", retry_count: 2 }),
    ]);
  });
});

describe("the functions of the engine", () => {
  it("refuse everybody without the secret key", async () => {
    const { token } = await newPerson(stack);

    for (const name of ["task-scheduler", "task-runner"]) {
      const response = await fetch(`${stack.url}/functions/v1/${name}`, {
        method: "POST",
        headers: { apikey: stack.keys.publishableKey, authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
    }
  });

  it("answer with the caller's correlation id", async () => {
    const response = await fetch(`${stack.url}/functions/v1/task-runner`, {
      method: "POST",
      headers: { apikey: stack.keys.secretKey, "x-correlation-id": "trace-of-a-test" },
    });

    expect(response.headers.get("x-correlation-id")).toBe("trace-of-a-test");
    expect(await response.json()).toEqual({ runs: [], handed_over: false });
  });
});
