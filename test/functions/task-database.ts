import type { Rpc } from "../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { ClaimedJob, StartedRun } from "../../types/schemas.ts";
import { organizationId, startedRun } from "./samples.ts";

type Args = Record<string, unknown>;

/** The database as a runner sees it, in memory: its RPCs by name, and a record of every call. */
export interface TaskDatabase {
  rpc: Rpc;
  calls: { name: string; args: Args }[];
  /** Calls of one name. */
  callsOf: (name: string) => Args[];
  /** Puts a run into the queue. */
  add: (run?: StartedRun) => StartedRun;
  /** Takes the lease of a run's job away, as if another runner had it. */
  steal: (run: StartedRun) => void;
  /** Answers a call differently: by throwing, or by another result. */
  override: (name: string, answer: (args: Args) => unknown) => void;
}

/** An empty queue. */
export function taskDatabase(): TaskDatabase {
  const jobs: (ClaimedJob & { run: StartedRun; isLeased: boolean })[] = [];
  const calls: TaskDatabase["calls"] = [];
  const overrides = new Map<string, (args: Args) => unknown>();
  let lastId = 0;

  const held = ({ p_job_id, p_lease_token }: Args) => {
    const job = jobs.find(({ id }) => id === p_job_id);
    if (!job || job.lease_token !== p_lease_token) {
      throw new HttpError(409, "lease_lost", "The lease is not yours any more");
    }
    return job;
  };
  const remove = (job: (typeof jobs)[number]) => jobs.splice(jobs.indexOf(job), 1);

  const answers: Record<string, (args: Args) => unknown> = {
    claim_jobs() {
      const job = jobs.find(({ isLeased }) => !isLeased);
      if (!job) {
        return [];
      }
      Object.assign(job, { isLeased: true, lease_token: Number(job.lease_token) + 1 });
      const { run: _, isLeased: __, ...claimed } = job;
      return [claimed];
    },
    extend_job: (args) => void held(args),
    release_job(args) {
      held(args).isLeased = false;
    },
    fail_job: (args) => void remove(held(args)),
    start_task_run: (args) => held(args).run,
    start_task_run_step: (args) => void held(args),
    complete_task_run_step(args) {
      const job = held(args);
      const step = job.run.steps.find(({ id }) => id === args.p_run_step_id);
      Object.assign(step ?? {}, { status: "completed", result: args.p_result });
      if (job.run.steps.every(({ status }) => status === "completed")) {
        remove(job);
        return "completed";
      }
      return "continue";
    },
    fail_task_run_step(args) {
      remove(held(args));
      return args.p_retryable ? "retry" : "failed";
    },
    consume_request: () => null,
    model_provider_settings: () => null,
    begin_model_call: () => crypto.randomUUID(),
    finish_model_call: ({ p_id }) => ({ id: p_id, cost_usd: "0.000125" }),
  };

  return {
    calls,
    callsOf: (name) => calls.filter((call) => call.name === name).map(({ args }) => args),
    rpc: async (name, args = {}) => {
      calls.push({ name, args });
      const answer = overrides.get(name) ?? answers[name];
      if (!answer) {
        throw new Error(`There is no ${name}`);
      }
      return structuredClone(answer(args) ?? null);
    },
    add(run = startedRun()) {
      lastId += 1;
      jobs.push({
        id: lastId,
        kind: "task_run",
        organization_id: organizationId,
        payload: { run_id: run.run_id },
        attempts: 1,
        max_attempts: 5,
        lease_token: 100,
        leased_until: new Date().toISOString(),
        run,
        isLeased: false,
      });
      return run;
    },
    steal(run) {
      for (const job of jobs.filter((job) => job.run === run)) {
        job.lease_token = Number(job.lease_token) + 1;
      }
    },
    override: (name, answer) => overrides.set(name, answer),
  };
}
