import { z } from "zod";
import { uuid } from "../../../types/schemas.ts";
import { HttpError } from "../../_shared/errors/http-error.ts";
import { sleep } from "../../_shared/sleep.ts";
import { type Run, runRow, stepRow } from "../rows.ts";
import { assistantTool, reading, type ToolCall } from "../tool.ts";

/** Most characters of a step's result; the whole is in the database. */
const RESULT_CHARACTERS = 20_000;

/** Short enough for proxies and for assistants' own patience. */
const LONGEST_WAIT_SECONDS = 30;
const POLL_MS = 1_000;

/** `get_task_run` */
export const getTaskRun = assistantTool({
  name: "get_task_run",
  title: "Get a task's run",
  description:
    "Tells how far a run is, and what its steps came to. With wait_seconds it waits for the end " +
    "of a run that is under way; ask again when it is not over by then.",
  input: z.strictObject({
    run_id: uuid,
    wait_seconds: z.int().min(0).max(LONGEST_WAIT_SECONDS).default(0),
  }),
  output: z.object({
    run: runRow,
    steps: z.array(
      stepRow.omit({ result: true }).extend({
        result: z.string().nullable().describe("What the agent wrote."),
        is_truncated: z.boolean(),
      }),
    ),
  }),
  annotations: reading,
  async call({ run_id, wait_seconds }, call) {
    const run = await found(run_id, call);
    await call.charge(run.organization_id);
    const last = await ended(run, wait_seconds, call);
    const steps = (await call.store.steps(run_id)).map(({ result, ...step }) => ({
      ...step,
      result: result?.text?.slice(0, RESULT_CHARACTERS) ?? null,
      is_truncated: (result?.text?.length ?? 0) > RESULT_CHARACTERS,
    }));
    return { run: last, steps };
  },
});

async function found(id: string, { store }: ToolCall): Promise<Run> {
  const run = await store.run(id);
  if (!run) {
    throw new HttpError(404, "run_not_found", "No run with that id.", {
      hint: "It may have been deleted with its task, or belong to a task that you cannot see.",
    });
  }
  return run;
}

/** The run as soon as it is over, or as it is when the time is. */
async function ended(run: Run, seconds: number, call: ToolCall): Promise<Run> {
  const end = Date.now() + seconds * 1_000;
  let last = run;
  while (["pending", "running"].includes(last.status) && Date.now() < end) {
    await sleep(Math.min(POLL_MS, end - Date.now()), call.signal);
    last = await found(run.id, call);
  }
  return last;
}
