import type { DatastoreBatch } from "../../types/schemas.ts";
import type { Datastore } from "../_shared/datastores/datastore.ts";
import type { JobContext } from "../_shared/jobs/drain-queue.ts";
import { type Addition, addChunks, wasRefused } from "./add-chunks.ts";
import type { BatchRecord } from "./batch-record.ts";
import { removeChunks } from "./remove-chunks.ts";

/**
 * Removes and adds what the record says, and records what the store said, a few chunks at a time:
 * whatever breaks off loses no more than those. True when there is nothing left to do.
 */
export async function syncChunks(
  store: Datastore,
  record: BatchRecord,
  context: JobContext,
): Promise<boolean> {
  for (;;) {
    context.lost.throwIfAborted();
    const batch = await record.next();
    if (batch.removals.length === 0 && batch.chunks.length === 0) {
      return true;
    }
    const isDone =
      (await syncRemovals(store, record, batch, context)) &&
      (await syncAdditions(store, record, batch, context));
    if (!isDone) {
      return false;
    }
  }
}

async function syncRemovals(
  store: Datastore,
  record: BatchRecord,
  { removals }: DatastoreBatch,
  { budget, lost }: JobContext,
): Promise<boolean> {
  for (const group of groupsOf(removals, store.batchSize)) {
    if (budget.isSpent()) {
      return false;
    }
    await removeChunks(store, group, lost);
    await record.removed(group.map(({ chunk_id }) => chunk_id));
  }
  return true;
}

async function syncAdditions(
  store: Datastore,
  record: BatchRecord,
  { chunks }: DatastoreBatch,
  { budget, lost }: JobContext,
): Promise<boolean> {
  const groups = groupsOf(chunks, store.batchSize);
  for (const [index, group] of groups.entries()) {
    if (budget.isSpent()) {
      await forget(record, groups.slice(index).flat());
      return false;
    }
    try {
      await record.stored(await addChunks(store, group, lost));
    } catch (error) {
      lost.throwIfAborted();
      await forget(record, groups.slice(wasRefused(error) ? index : index + 1).flat());
      throw error;
    }
  }
  return true;
}

/** What was never sent is nowhere, unless an earlier attempt sent it. */
async function forget(record: BatchRecord, additions: readonly Addition[]): Promise<void> {
  const unsent = additions.filter(({ is_uncertain }) => !is_uncertain);
  if (unsent.length > 0) {
    await record.unsent(unsent.map(({ chunk_id }) => chunk_id));
  }
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += size) {
    groups.push(items.slice(from, from + size));
  }
  return groups;
}
