import type { ClaimedJob, StartedMedium } from "../../types/schemas.ts";
import { DocumentError } from "../_shared/documents/document.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { JobQueue } from "../_shared/jobs/job-queue.ts";
import type { Log } from "../_shared/log.ts";
import { ModelFailure } from "../_shared/model/model-failure.ts";
import { type EmbedTools, embedMedium } from "./embed-medium.ts";
import { isRefusal } from "./is-refusal.ts";
import { type ReadingPlace, type ReadTools, readMedium } from "./read-medium.ts";

/** What a job of the queue of media needs; tests give their own. */
export interface MediaTools extends ReadTools, EmbedTools {
  queue: Pick<JobQueue, "complete" | "release">;
  log: Log;
}

/**
 * Does one job of the queue of media, and says how it was left. What the file is to blame for ends
 * the medium with a sentence for whoever uploaded it; anything else is thrown, and the job comes
 * back to where it was.
 */
export async function handleMedia(job: ClaimedJob, tools: MediaTools): Promise<string> {
  const { queue, store } = tools;
  if (job.kind === "check_embedding_model") {
    return checkModel(job, tools);
  }
  const medium = await store.start();
  if (!medium) {
    return "nothing to do";
  }
  try {
    return medium.kind === "index_medium"
      ? await index(medium, job, tools)
      : await embedAnew(medium, job, tools);
  } catch (error) {
    if (error instanceof HttpError && error.code === "media_processing_over") {
      await queue.complete(job);
      return "superseded";
    }
    throw error;
  }
}

async function index(medium: StartedMedium, job: ClaimedJob, tools: MediaTools): Promise<string> {
  const { queue, store } = tools;
  const checkpoint = await readOrExplain(medium, tools);
  if (checkpoint === "failed") {
    return "failed";
  }
  if (!checkpoint) {
    await queue.release(job);
    return "handed over";
  }
  const chunk_count = checkpoint.chunker.index;
  if ((await embedMedium({ ...medium, chunk_count }, job, tools)) === null) {
    await queue.release(job);
    return "handed over";
  }
  await store.publish({
    pageCount: checkpoint.pageCount,
    language: checkpoint.language?.language ?? null,
    checksum: checkpoint.checksum,
  });
  return "completed";
}

/** Reads the medium, or ends it with the reason why it cannot be read. */
async function readOrExplain(medium: StartedMedium, tools: MediaTools) {
  const place: ReadingPlace = { step: "download" };
  try {
    return await readMedium(medium, tools, place);
  } catch (error) {
    tools.signal.throwIfAborted();
    const reason = reasonOf(error);
    if (!reason) {
      throw error;
    }
    tools.log("info", "a medium cannot be read", {
      medium: medium.media_id,
      code: reason.code,
      error: describeError(error),
    });
    await tools.store.fail(place.step, reason.sentence, reason.code);
    return "failed";
  }
}

/** Why a medium cannot be read, where trying again would not help. */
function reasonOf(error: unknown): { sentence: string; code: string } | null {
  if (error instanceof DocumentError) {
    return { sentence: error.message, code: error.code };
  }
  if (isRefusal(error)) {
    const sentence = `The model that reads images gave no answer: ${error.message}`;
    return { sentence, code: error.code };
  }
  return null;
}

async function embedAnew(
  medium: StartedMedium,
  job: ClaimedJob,
  tools: MediaTools,
): Promise<string> {
  const embedded = await embedMedium(medium, job, tools);
  if (embedded === null) {
    await tools.queue.release(job);
    return "handed over";
  }
  return (await tools.store.publishEmbeddings()) ? "embedded" : "not embedded";
}

/** Tells the database which model is configured now. */
async function checkModel(job: ClaimedJob, { queue, store, ...tools }: MediaTools) {
  try {
    await store.registerModel(tools.findEmbedder("")?.model ?? null);
  } catch (error) {
    if (!(error instanceof ModelFailure)) {
      throw error;
    }
    tools.log("error", "embeddings are configured halfway", { error: describeError(error) });
  }
  await queue.complete(job);
  return "checked";
}
