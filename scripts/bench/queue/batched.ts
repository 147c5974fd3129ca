import type { Entry } from "../entry.ts";
import { openScratch } from "../scratch.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { inBatches } from "./ours.ts";
import { pgBoss } from "./pg-boss.ts";
import { batch, jobs } from "./shared.ts";

const loops = 4;

/** The queue when jobs are taken and completed many at once. */
export const queueBatched: Entry = {
  name: "queue-batched",
  title: `Queue: ${jobs.toLocaleString("en-US")} trivial jobs in batches of ${batch}`,
  unit: "jobs/s",
  needsServer: true,
  goals: { "pg-boss": 1.25, "graphile-worker, batching": 1 },
  async open(serverUrl) {
    const scratch = await openScratch(serverUrl);
    const clients = await scratch.connect(loops);
    return {
      close: scratch.close,
      contenders: [
        { name: "ours", measure: () => inBatches(scratch, clients) },
        { name: "pg-boss", measure: () => pgBoss(scratch, loops) },
        {
          name: "graphile-worker, batching",
          measure: () => graphileWorker(scratch, { isBatched: true }),
        },
      ],
    };
  },
};
