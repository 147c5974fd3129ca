import type { Entry } from "../entry.ts";
import { openScratch } from "../scratch.ts";
import { bareLoop, bareLoopOnOurTable } from "./bare.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { fromJobToJob, oneByOne } from "./ours.ts";
import { jobs, workers } from "./shared.ts";

/** The queue when every job is claimed alone and its completion is on disk before the next. */
export const queueUnbatched: Entry = {
  name: "queue-unbatched",
  title: `Queue: ${jobs.toLocaleString("en-US")} trivial jobs one by one, ${workers} workers`,
  unit: "jobs/s",
  needsServer: true,
  goals: { "graphile-worker": 1.5, "bare delete loop": 0.65 },
  async open(serverUrl) {
    const scratch = await openScratch(serverUrl);
    const clients = await scratch.connect(workers);
    return {
      close: scratch.close,
      contenders: [
        { name: "ours", measure: () => fromJobToJob(scratch, clients) },
        { name: "ours, of 20 organizations", measure: () => fromJobToJob(scratch, clients, true) },
        { name: "ours, two calls a job", measure: () => oneByOne(scratch, clients) },
        {
          name: "graphile-worker",
          measure: () => graphileWorker(scratch, { isBatched: false }),
        },
        { name: "bare delete loop", measure: () => bareLoop(scratch, clients) },
        {
          name: "bare delete loop on our table",
          measure: () => bareLoopOnOurTable(scratch, clients),
        },
      ],
    };
  },
};
