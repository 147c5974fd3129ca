import {
  type ClaimedJob,
  removeObjectsPayload,
  type StorageCleanerBody,
  type StorageCleanerResult,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { drainQueue } from "../_shared/jobs/drain-queue.ts";
import { type JobQueue, leaseOf } from "../_shared/jobs/job-queue.ts";
import type { Log } from "../_shared/log.ts";
import type { ObjectStore } from "./object-store.ts";
import { removeFolder } from "./remove-folder.ts";

/** What a cleaner needs; tests give their own. */
export interface StorageCleanerTools {
  queue: JobQueue;
  objects: ObjectStore;
  rpc: Rpc;
  /** Calls another cleaner for what is left. */
  wakeNext: () => void;
  log: Log;
  worker: string;
  now?: () => number;
}

/** Jobs that are one call: the database does them in its own time and ends them itself. */
const commands = new Map([
  ["delete_organization", "delete_large_organization"],
  ["delete_user", "delete_large_user"],
]);

/** Does the jobs that wait, one after the other, within the budget. */
export async function handleStorageCleaner(
  body: StorageCleanerBody,
  tools: StorageCleanerTools,
): Promise<StorageCleanerResult> {
  const { queue, objects, rpc } = tools;
  let removedObjects = 0;

  const { jobs, handedOver } = await drainQueue({
    ...tools,
    budgetSeconds: body.budget_seconds,
    async work(job, context) {
      const command = commands.get(job.kind);
      if (command) {
        await rpc(command, leaseOf(job));
        return "completed" as const;
      }
      const folder = folderOf(job);
      if (!folder) {
        const error = `The queue of Storage cannot do this job of the kind ${job.kind}`;
        await queue.fail(job, { error, permanent: true });
        return "failed" as const;
      }
      const { removed, isEmpty } = await removeFolder(objects, folder, context);
      removedObjects += removed;
      await (isEmpty ? queue.complete(job) : queue.release(job));
      return isEmpty ? ("completed" as const) : ("released" as const);
    },
  });

  return {
    jobs: jobs.map(({ job, outcome }) => ({ id: job.id, kind: job.kind, outcome })),
    removed_objects: removedObjects,
    handed_over: handedOver,
  };
}

function folderOf(job: ClaimedJob) {
  return job.kind === "remove_objects" ? removeObjectsPayload.safeParse(job.payload).data : null;
}
