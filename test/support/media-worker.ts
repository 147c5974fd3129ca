/**
 * tsx test/support/media-worker.ts <database url> <file>
 *
 * One worker of media over a database alone, for tests that kill it: it says "saved" after each save
 * and waits for a line before it goes on, when it was started with PAUSE.
 */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import pg from "pg";
import { openDocument } from "../../functions/_shared/documents/open-document.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { jobQueue } from "../../functions/_shared/jobs/job-queue.ts";
import { loadTokenizer } from "../../functions/_shared/tokens/count-tokens.ts";
import { handleMedia } from "../../functions/media-processor/handler.ts";
import { mediaStore } from "../../functions/media-processor/media-store.ts";
import { hashedEmbedding } from "./embeddings/hashed-embedding.ts";

const [url, file = ""] = process.argv.slice(2);
const database = new pg.Client({ connectionString: url, ssl: false });
await database.connect();
await database.query("set role service_role");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** RPCs as PostgREST calls them, with its errors. */
async function rpc(name: string, args: Record<string, unknown> = {}): Promise<unknown> {
  const names = Object.keys(args);
  const values = Object.values(args).map((value) =>
    typeof value === "object" && value !== null ? JSON.stringify(value) : value,
  );
  const call = names.map((key, place) => `${key} => $${place + 1}`).join(", ");
  try {
    const { rows } = await database.query(
      `select to_jsonb(r) as r from ${name}(${call}) as r`,
      values,
    );
    if (name === "save_media_chunks" && process.env.PAUSE) {
      console.log("saved");
      await lines.next();
    }
    return name === "claim_jobs" ? rows.map(({ r }) => r) : rows[0]?.r;
  } catch (error) {
    const { code = "", detail = "", message } = error as pg.DatabaseError;
    throw new HttpError(Number(code.slice(2)) || 500, detail, message, { cause: error });
  }
}

const queue = jobQueue(rpc, "media");
const job = await queue.claim("test", 60);
const outcome = job
  ? await handleMedia(job, {
      queue,
      store: mediaStore(rpc, job),
      objects: { download: async () => new Uint8Array(await readFile(file)) },
      openDocument,
      findImageReader: () => null,
      loadTokenizer,
      findEmbedder: () => ({
        model: "hashed",
        dimensions: 384,
        embed: async (texts) => texts.map((text) => hashedEmbedding(text)),
      }),
      signal: new AbortController().signal,
      isSpent: () => false,
      log: () => undefined,
      now: () => performance.now(),
    }).catch((error) => `${error}`)
  : "idle";
console.log(outcome);
await database.end();
process.exit(0);
