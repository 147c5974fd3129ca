import type { SupabaseClient } from "@supabase/supabase-js";
import ora from "ora";
import type { Changes } from "./changes.ts";
import { DemoError } from "./demo-error.ts";
import type { DemoTask } from "./task.ts";
import { findRun, findSteps, type RunView, type StepView } from "./watch.ts";

const POLL_MS = 500;
/** Past the due time, before we say that nobody came for the task. */
const SCHEDULER_PATIENCE_MS = 45_000;
const RUN_PATIENCE_MS = 300_000;

/** Counts down until the scheduler has made a run of the task. */
export async function waitForRun(
  client: SupabaseClient,
  task: DemoTask,
  changes: Changes,
): Promise<RunView> {
  const spinner = ora("Waiting for the scheduler").start();
  try {
    for (;;) {
      const run = await findRun(client, task.id);
      if (run) {
        spinner.succeed(`The scheduler started the task (${run.trigger})`);
        return run;
      }
      const seconds = Math.ceil((task.nextRunAt.getTime() - Date.now()) / 1000);
      if (seconds * 1000 < -SCHEDULER_PATIENCE_MS) {
        throw new DemoError(
          "The task is due, but no scheduler came for it.",
          "Was the stack started with --no-tick? Look at its log.",
        );
      }
      spinner.text =
        seconds > 0
          ? `Waiting for the scheduler: due in ${seconds} s`
          : "Waiting for the scheduler: due now";
      await changes.next(POLL_MS);
    }
  } finally {
    spinner.stop();
  }
}

/** Shows each step as it is done; answers the finished run and its steps. */
export async function followRun(
  client: SupabaseClient,
  task: DemoTask,
  changes: Changes,
): Promise<{ run: RunView; steps: StepView[] }> {
  const begun = Date.now();
  const told = new Set<number>();
  const spinner = ora("Starting").start();
  try {
    for (;;) {
      const run = await findRun(client, task.id);
      const steps = run ? await findSteps(client, run.id) : [];

      for (const step of steps.filter(({ status }) => status === "completed")) {
        if (!told.has(step.step_order)) {
          told.add(step.step_order);
          const seconds = ((step.execution_duration_ms ?? 0) / 1000).toFixed(1);
          spinner.succeed(
            `Step ${step.step_order} of ${steps.length}: ${step.step_name} (${seconds} s)`,
          );
          spinner.start();
        }
      }
      if (run && !["pending", "running"].includes(run.status)) {
        return { run, steps };
      }
      if (Date.now() - begun > RUN_PATIENCE_MS) {
        throw new DemoError("The run takes too long.", "Look at the stack's log.");
      }
      const now = steps.find(({ status }) => status === "running");
      spinner.text = now ? `Step ${now.step_order}: ${now.step_name} …` : "Waiting for a runner …";
      await changes.next(POLL_MS);
    }
  } finally {
    spinner.stop();
  }
}
