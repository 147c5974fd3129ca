import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Block,
  DocumentError,
  type OpenDocument,
} from "../../functions/_shared/documents/document.ts";
import type { Embedder } from "../../functions/_shared/embeddings/embedder.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { ModelFailure } from "../../functions/_shared/model/model-failure.ts";
import { handleMedia, type MediaTools } from "../../functions/media-processor/handler.ts";
import type { SavedChunk } from "../../types/schemas.ts";
import { MemoryMedia, mediaJob } from "./media-memory.ts";

const broken = new DocumentError("document_broken", "It is broken.");
const file = new TextEncoder().encode("the file");
const checksum = createHash("sha256").update(file).digest("hex");

/** A document of so many pages, each with a heading and some sentences. */
function pages(units: number): OpenDocument & { closed: boolean; ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  return {
    format: "pdf",
    title: "The book",
    units,
    hasPages: true,
    ranges,
    closed: false,
    async read(from, to) {
      ranges.push([from, to]);
      const blocks: Block[] = [];
      for (let page = from; page <= to; page += 1) {
        blocks.push({ kind: "heading", level: 1, text: `Chapter ${page}`, page });
        blocks.push({ kind: "paragraph", text: sentence(page).repeat(20), page });
      }
      return blocks;
    },
    async close() {
      this.closed = true;
    },
  };
}

const sentence = (page: number) => `On page ${page} the baker opens the shop and lights the oven. `;

/** Vectors that say how long a text is. */
const embedder: Embedder = {
  model: "measure",
  dimensions: 384,
  embed: async (texts) => texts.map(({ length }) => [length]),
};

let store: MemoryMedia;
let document: ReturnType<typeof pages>;
let clock: number;

beforeEach(() => {
  store = new MemoryMedia();
  document = pages(10);
  clock = 0;
});

function tools(more: Partial<MediaTools> = {}): MediaTools {
  return {
    queue: { complete: vi.fn(async () => {}), release: vi.fn(async () => {}) },
    store,
    objects: { download: async () => file.slice() },
    openDocument: async () => document,
    findImageReader: () => null,
    loadTokenizer: async () => (text) => Math.ceil(text.length / 4),
    findEmbedder: () => embedder,
    signal: new AbortController().signal,
    isSpent: () => false,
    log: vi.fn(),
    now: () => {
      clock += 100;
      return clock;
    },
    ...more,
  };
}

describe("the media processor", () => {
  it("reads a medium into chunks with their place, and embeds them", async () => {
    const outcome = await handleMedia(mediaJob(), tools());

    expect(outcome).toBe("completed");
    expect(store.facts).toMatchObject({ pageCount: 10, language: "en" });
    expect(store.chunks.map(({ page }) => page)).toEqual(expect.arrayContaining([1, 10]));
    expect(store.chunks[0]).toMatchObject({ heading_path: ["Chapter 1"], language: "english" });
    expect(store.vectors.size).toBe(store.chunks.length);
    expect(document.closed).toBe(true);
  });

  it("tells of every step, in order", async () => {
    await handleMedia(mediaJob(), tools());

    expect(store.logs).toEqual(
      ["download", "identify", "extract", "embed"]
        .flatMap((step) => [`${step} started`, `${step} completed`])
        .toSpliced(6, 0, "chunk completed"),
    );
  });

  it("says the checksum of the file that it read", async () => {
    await handleMedia(mediaJob(), tools());

    expect(store.facts?.checksum).toBe(checksum);
  });

  it("has a percent that only grows", async () => {
    await handleMedia(mediaJob(), tools());

    expect(store.percents).toEqual([...store.percents].sort((a, b) => a - b));
    expect(store.percents.at(-1)).toBe(99);
  });

  it("makes the same chunks when its worker is killed after any of its saves", async () => {
    await handleMedia(mediaJob(), tools());
    const { chunks, percents } = store;

    for (let kills = 0; kills < percents.length; kills += 1) {
      store = new MemoryMedia();
      store.savesLeft = kills;
      await expect(handleMedia(mediaJob(), tools())).rejects.toThrow("Killed");
      store.savesLeft = Number.POSITIVE_INFINITY;
      document.ranges.length = 0;

      expect(await handleMedia(mediaJob({ attempts: 2 }), tools())).toBe("completed");
      expect(store.chunks).toEqual(chunks);
      if (kills > 0) {
        expect(document.ranges[0]?.[0] ?? 11).toBeGreaterThan(1);
      }
    }
  });

  it("begins anew when the file is another one by now", async () => {
    store.savesLeft = 1;
    await expect(handleMedia(mediaJob(), tools())).rejects.toThrow("Killed");
    store.savesLeft = Number.POSITIVE_INFINITY;
    document = pages(1);
    const other = { download: async () => new TextEncoder().encode("another file") };

    await handleMedia(mediaJob(), tools({ objects: other }));

    expect(document.ranges[0]).toEqual([1, 1]);
    expect(new Set(store.chunks.map(({ page_end }) => page_end))).toEqual(new Set([1]));
  });

  it("reads slow documents in small ranges", async () => {
    let at = 0;
    const slow = tools({ now: () => (at += 2000) });

    await handleMedia(mediaJob(), slow);

    expect(document.ranges.slice(1).every(([from, to]) => to === from)).toBe(true);
  });

  it("hands over when its time is over, with what it has done saved", async () => {
    const spent = tools({ isSpent: () => store.percents.length > 0 });

    expect(await handleMedia(mediaJob(), spent)).toBe("handed over");
    expect(spent.queue.release).toHaveBeenCalled();
    expect(store.chunks.length).toBeGreaterThan(0);
    expect(document.closed).toBe(true);
  });

  it("hands over between two batches of vectors, too", async () => {
    document = pages(100);
    const spent = tools({ isSpent: () => store.vectors.size > 0 });

    expect(await handleMedia(mediaJob(), spent)).toBe("handed over");
    expect(await handleMedia(mediaJob(), tools())).toBe("completed");
    expect(store.vectors.size).toBe(store.chunks.length);
  });

  it.each([
    ["opening", { openDocument: () => Promise.reject(broken) }, "identify"],
    [
      "reading",
      { openDocument: async () => ({ ...pages(3), read: () => Promise.reject(broken) }) },
      "extract",
    ],
    ["loading", { objects: { download: () => Promise.reject(broken) } }, "download"],
  ])(
    "ends a medium with a sentence when %s the file shows that it is broken",
    async (_, more, step) => {
      expect(await handleMedia(mediaJob(), tools(more))).toBe("failed");
      expect(store.failure).toEqual({ step, error: "It is broken.", code: "document_broken" });
    },
  );

  it("ends a medium without any text", async () => {
    document = { ...pages(2), read: async () => [] };

    expect(await handleMedia(mediaJob(), tools())).toBe("failed");
    expect(store.failure).toMatchObject({ code: "document_empty" });
  });

  it("comes back after what is not the file's fault", async () => {
    const objects = { download: () => Promise.reject(new Error("Storage is down")) };

    await expect(handleMedia(mediaJob(), tools({ objects }))).rejects.toThrow("Storage is down");
    expect(store.status).toBe("waiting");
  });

  it("comes back when the model that reads images is busy, and not when it refuses", async () => {
    const failing = (retryable: boolean) => ({
      openDocument: () =>
        Promise.reject(new ModelFailure(503, "model_rate_limited", "Busy.", { retryable })),
    });

    await expect(handleMedia(mediaJob(), tools(failing(true)))).rejects.toThrow("Busy.");
    expect(await handleMedia(mediaJob(), tools(failing(false)))).toBe("failed");
    expect(store.failure?.error).toContain("Busy.");
  });

  it("leaves a medium to the job that reads it anew", async () => {
    store.isSuperseded = true;
    const own = tools();

    expect(await handleMedia(mediaJob(), own)).toBe("superseded");
    expect(own.queue.complete).toHaveBeenCalled();
    expect(store.status).toBe("waiting");
  });

  it("stops with the signal, and does not blame the file", async () => {
    const gone = new AbortController();
    const read = () => {
      gone.abort(new Error("The lease is lost"));
      return Promise.reject(broken);
    };
    document = { ...pages(3), read };

    await expect(handleMedia(mediaJob(), tools({ signal: gone.signal }))).rejects.toThrow("lease");
    expect(store.failure).toBeUndefined();
  });
});

describe("embedding in the media processor", () => {
  it("goes without when no provider is configured, and says so", async () => {
    store.model = "former";

    expect(await handleMedia(mediaJob(), tools({ findEmbedder: () => null }))).toBe("completed");
    expect(store.logs).toContain("embed skipped");
    expect(store.model).toBeNull();
  });

  it("tells the database of another model", async () => {
    store.model = "former";

    await handleMedia(mediaJob(), tools());

    expect(store.model).toBe("measure");
  });

  it("tries a busy provider again, and in the end publishes without vectors", async () => {
    const findEmbedder = failing(true);

    await expect(handleMedia(mediaJob(), tools({ findEmbedder }))).rejects.toThrow("down");
    expect(await handleMedia(mediaJob({ attempts: 5 }), tools({ findEmbedder }))).toBe("completed");
    expect(store.logs).toContain("embed failed");
    expect(store.chunks.length).toBeGreaterThan(0);
  });

  it("publishes without vectors at once when trying again would not help", async () => {
    expect(await handleMedia(mediaJob(), tools({ findEmbedder: failing(false) }))).toBe(
      "completed",
    );
  });

  it("publishes without vectors when the organization's budget is spent", async () => {
    const error = new HttpError(402, "model_budget_exceeded", "The budget is spent.");
    const findEmbedder = () => ({ ...embedder, embed: () => Promise.reject(error) });

    expect(await handleMedia(mediaJob(), tools({ findEmbedder }))).toBe("completed");
    expect(store.logs).toContain("embed failed");
  });

  it("publishes without vectors when the configuration is halfway", async () => {
    const findEmbedder = () => {
      throw new ModelFailure(503, "embeddings_not_configured", "Halfway.");
    };
    store.model = "former";

    expect(await handleMedia(mediaJob(), tools({ findEmbedder }))).toBe("completed");
    expect(store.model).toBe("former");
  });

  it("publishes what it has when the model changes meanwhile", async () => {
    const findEmbedder = () => ({
      ...embedder,
      embed: async (texts: readonly string[]) => {
        store.model = "later";
        return texts.map(() => [1]);
      },
    });

    expect(await handleMedia(mediaJob(), tools({ findEmbedder }))).toBe("completed");
    expect(store.vectors.size).toBe(0);
  });

  it("embeds a medium anew without reading it", async () => {
    await handleMedia(mediaJob(), tools());
    const again = new MemoryMedia("embed_medium");
    again.chunks = store.chunks;
    document.ranges.length = 0;

    expect(await handleMedia(mediaJob(), tools({ store: again }))).toBe("embedded");
    expect(again.vectors.size).toBe(again.chunks.length);
    expect(document.ranges).toEqual([]);
  });

  it("leaves a medium as it is when it cannot be embedded anew", async () => {
    const again = new MemoryMedia("embed_medium");
    again.chunks = [{ content: "One.", heading_path: [] as string[] } as SavedChunk];

    const outcome = await handleMedia(
      mediaJob({ attempts: 5 }),
      tools({ store: again, findEmbedder: failing(true) }),
    );

    expect(outcome).toBe("not embedded");
    expect(again.failure).toBeUndefined();
  });

  it("looks which model is configured", async () => {
    const own = tools();

    expect(await handleMedia(mediaJob({ kind: "check_embedding_model" }), own)).toBe("checked");
    expect(store.model).toBe("measure");
    expect(own.queue.complete).toHaveBeenCalled();
  });
});

function failing(retryable: boolean): () => Embedder {
  return () => ({
    ...embedder,
    embed: () =>
      Promise.reject(new ModelFailure(502, "model_unavailable", "It is down", { retryable })),
  });
}
