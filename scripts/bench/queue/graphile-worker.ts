import { EventEmitter } from "node:events";
import { Logger, run, runMigrations, type WorkerEvents } from "graphile-worker";
import pg from "pg";
import type { Scratch } from "../scratch.ts";
import { batch, jobs, workers } from "./shared.ts";

const logger = new Logger(() => () => undefined);

/**
 * graphile-worker with one job after the other, or with the batching that its performance page
 * describes (local queue, completions together). Time runs from the first job it starts to the end
 * of its last completion.
 */
export async function graphileWorker(
  { url, admin }: Scratch,
  { isBatched }: { isBatched: boolean },
): Promise<number> {
  await runMigrations({ connectionString: url, logger });
  await admin.query("truncate graphile_worker._private_jobs cascade");
  await admin.query(
    `select count(graphile_worker.add_job('job', json_build_object('n', n)))
    from generate_series(1, $1::integer) as n`,
    [jobs],
  );
  await admin.query("vacuum analyze graphile_worker._private_jobs");

  const pgPool = new pg.Pool({ connectionString: url, max: workers + 2 });
  const raise = (error: Error) => {
    throw error;
  };
  pgPool.on("error", raise);
  pgPool.on("connect", (client) => client.on("error", raise));
  let [started, done] = [0n, 0];
  const events: WorkerEvents = new EventEmitter() as WorkerEvents;
  const finished = new Promise<void>((resolve) => {
    events.on("job:success", () => {
      done += 1;
      if (done === jobs) {
        resolve();
      }
    });
  });
  const runner = await run({
    pgPool,
    concurrency: workers,
    noHandleSignals: true,
    logger,
    events,
    taskList: {
      job: () => {
        started ||= process.hrtime.bigint();
      },
    },
    preset: {
      worker: {
        ...(isBatched && {
          localQueue: { size: batch },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        }),
      },
    },
  });
  await finished;
  for (;;) {
    const { rows } = await admin.query<{ left: number }>(
      "select count(*) as left from graphile_worker._private_jobs",
    );
    if (rows[0]?.left === 0) {
      break;
    }
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  await runner.stop();
  await pgPool.end();
  return jobs / seconds;
}
