import type { RemoveObjectsPayload } from "../../types/schemas.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { JobContext } from "../_shared/jobs/drain-queue.ts";
import type { ObjectStore } from "./object-store.ts";

/** How a folder was left. */
export interface RemovedFolder {
  removed: number;
  /** False when the budget ended first. */
  isEmpty: boolean;
}

/**
 * Removes everything below a folder, page by page, until there is nothing or the budget is spent.
 * Doing it twice does no harm.
 *
 * @throws HttpError when Storage keeps what it was told to remove, or does not answer
 */
export async function removeFolder(
  objects: ObjectStore,
  { bucket, prefix }: RemoveObjectsPayload,
  { budget, lost }: JobContext,
): Promise<RemovedFolder> {
  let removed = 0;
  for (;;) {
    lost.throwIfAborted();
    const names = await objects.list(bucket, prefix);
    if (names.length === 0) {
      return { removed, isEmpty: true };
    }
    if (budget.isSpent()) {
      return { removed, isEmpty: false };
    }
    const count = await objects.remove(bucket, names);
    if (count === 0) {
      throw new HttpError(502, "storage_objects_kept", "Storage removed none of the objects.");
    }
    removed += count;
  }
}
