import { table } from "./table.ts";
import type { RunView, StepView } from "./watch.ts";

/** What a run did, as a table: result, duration, tokens and cost of each step, and of all. */
export function report(run: RunView, steps: StepView[]): string {
  const rows = steps.map((step) => [
    `${step.step_order}. ${step.step_name}`,
    step.error_message ?? step.result?.text ?? step.status,
    ...numbers(step, step.execution_duration_ms),
  ]);
  return table(
    [
      { title: "Step" },
      { title: "Result", width: 60 },
      { title: "Duration", isNumber: true },
      { title: "Tokens in", isNumber: true },
      { title: "out", isNumber: true },
      { title: "Cost", isNumber: true },
    ],
    [...rows, ["Run", run.status, ...numbers(run, run.duration_ms)]],
  );
}

function numbers(of: RunView | StepView, durationMs: number | null): string[] {
  return [
    durationMs === null ? "" : `${(durationMs / 1000).toFixed(2)} s`,
    String(of.prompt_tokens ?? ""),
    String(of.completion_tokens ?? ""),
    of.cost_usd === null ? "" : `$${Number(of.cost_usd).toFixed(6)}`,
  ];
}
