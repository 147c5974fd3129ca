import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { BudgetEnded } from "../../functions/_shared/jobs/budget.ts";
import type { ArchiveStore } from "../../functions/audit-archiver/archive-store.ts";
import { handleAuditArchiver } from "../../functions/audit-archiver/handler.ts";
import type { ClaimedJob } from "../../types/schemas.ts";

const organizationId = "11111111-1111-4111-8111-111111111111";

interface Seal {
  sequence: number;
  rows: number[];
}

let seals: Seal[];
let objects: Map<string, Uint8Array<ArrayBuffer>>;
let completed: Record<string, unknown>[];
let answers: Record<string, () => unknown>;
let pages: number;

/** A month in memory: a page is a row, with its seal behind the last; what is archived leaves. */
const rpc: Rpc = async (name, args = {}) => {
  const answer = answers[name];
  if (answer) {
    return answer();
  }
  switch (name) {
    case "start_audit_archive":
      return seals.length === 0
        ? null
        : {
            organization_id: organizationId,
            month: "2024-02",
            seal_count: seals.length,
            row_count: seals.flatMap(({ rows }) => rows).length,
          };
    case "read_audit_archive_page": {
      pages += 1;
      const lines = seals.flatMap(({ sequence, rows }) =>
        rows.map((row) => ({ sequence, row, isLast: row === rows.at(-1) })),
      );
      const at = lines.findIndex(
        ({ sequence, row }) => sequence === args.p_after_sequence && row === args.p_after_row_id,
      );
      const next = lines[at + 1];
      return next
        ? {
            sequence: next.sequence,
            row_id: next.row,
            through_sequence: next.isLast ? next.sequence : null,
            is_whole: next.isLast,
            row_count: 1,
            lines: `{"id": ${next.row}}\n${next.isLast ? `{"sequence": ${next.sequence}}\n` : ""}`,
          }
        : null;
    }
    case "complete_audit_archive":
      completed.push(args);
      seals = seals.filter(({ sequence }) => sequence > Number(args.p_through_sequence));
      return args.p_row_count;
    default:
      throw new Error(`Nobody should call ${name}`);
  }
};

const store: ArchiveStore = {
  put: async (path, bytes) => void objects.set(path, bytes),
  get: async (path) => objects.get(path) ?? new Uint8Array(),
  remove: async (path) => void objects.delete(path),
};

const queue = { complete: vi.fn(), release: vi.fn(), fail: vi.fn() };
const job: ClaimedJob = {
  id: 1,
  kind: "archive_audit_month",
  organization_id: organizationId,
  payload: { month: "2024-02" },
  attempts: 1,
  max_attempts: 5,
  lease_token: 100,
  leased_until: "2030-01-01T00:00:00Z",
};

beforeEach(() => {
  seals = [
    { sequence: 4, rows: [1, 2, 3] },
    { sequence: 7, rows: [4] },
    { sequence: 8, rows: [5, 6] },
  ];
  objects = new Map();
  completed = [];
  answers = {};
  pages = 0;
  vi.clearAllMocks();
});

interface More {
  rows?: number;
  spentAfterPages?: number;
  end?: AbortSignal;
  lost?: AbortSignal;
  store?: ArchiveStore;
}

const archive = (more: More = {}, given = job) =>
  handleAuditArchiver(
    given,
    {
      budget: {
        isSpent: () => pages >= (more.spentAfterPages ?? Number.POSITIVE_INFINITY),
        end: more.end ?? new AbortController().signal,
      },
      lost: more.lost ?? new AbortController().signal,
    },
    {
      queue,
      rpc,
      store: more.store ?? store,
      log: vi.fn(),
      limits: { rows: more.rows ?? 1000, bytes: 1_000_000 },
    },
  );

const linesOf = (path: string) =>
  gunzipSync(objects.get(path) ?? new Uint8Array())
    .toString()
    .trimEnd()
    .split("\n");

describe("the archiver of audit logs", () => {
  it("puts a month into one object, and lets its rows go by its digest", async () => {
    expect(await archive()).toBe("completed");

    const [[path, bytes] = ["", new Uint8Array()]] = [...objects];
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(path).toBe(`${organizationId}/2024-02.${sha256.slice(0, 16)}.ndjson.gz`);
    expect(linesOf(path)).toEqual([
      '{"id": 1}',
      '{"id": 2}',
      '{"id": 3}',
      '{"sequence": 4}',
      '{"id": 4}',
      '{"sequence": 7}',
      '{"id": 5}',
      '{"id": 6}',
      '{"sequence": 8}',
    ]);
    expect(completed).toEqual([
      {
        p_job_id: 1,
        p_lease_token: 100,
        p_path: path,
        p_sha256: sha256,
        p_byte_count: bytes.byteLength,
        p_row_count: 6,
        p_through_sequence: 8,
      },
    ]);
    expect(queue.complete).toHaveBeenCalledWith(job);
  });

  it("divides a large month into parts of whole seals", async () => {
    expect(await archive({ rows: 2 })).toBe("completed");

    expect(completed.map((part) => [part.p_through_sequence, part.p_row_count])).toEqual([
      [4, 3],
      [8, 3],
    ]);
    expect(objects.size).toBe(2);
  });

  it("lets nothing go when Storage gives back something else", async () => {
    const damaged = { ...store, get: async () => new Uint8Array([1, 2, 3]) };

    await expect(archive({ store: damaged })).rejects.toMatchObject({ code: "archive_damaged" });

    expect(completed).toEqual([]);
    expect(queue.complete).not.toHaveBeenCalled();
  });

  it("lets nothing go when Storage keeps nothing", async () => {
    const full = {
      ...store,
      put: async () => {
        throw new HttpError(503, "storage_unavailable", "No.");
      },
    };

    await expect(archive({ store: full })).rejects.toMatchObject({ status: 503 });
    expect(completed).toEqual([]);
  });

  it("hands the rest over when its time is over between two parts", async () => {
    expect(await archive({ rows: 1, spentAfterPages: 3 })).toBe("released");

    expect(completed).toHaveLength(1);
    expect(queue.release).toHaveBeenCalledWith(job);
    expect(queue.complete).not.toHaveBeenCalled();
  });

  it("hands all over when its time ends within a part", async () => {
    expect(await archive({ end: AbortSignal.abort(new BudgetEnded("over")) })).toBe("released");

    expect(completed).toEqual([]);
    expect(queue.release).toHaveBeenCalledWith(job);
  });

  it("stops when the lease is lost", async () => {
    const lost = new HttpError(409, "lease_lost", "Lost.");

    await expect(archive({ lost: AbortSignal.abort(lost) })).rejects.toBe(lost);

    expect(completed).toEqual([]);
    expect(queue.release).not.toHaveBeenCalled();
  });

  it.each([
    [true, 0],
    [false, 1],
  ])("clears up an archive whose organization is gone: %s", async (orphaned, left) => {
    answers.complete_audit_archive = () => {
      throw new HttpError(409, "lease_lost", "Lost.");
    };
    answers.is_audit_archive_orphaned = () => orphaned;

    await expect(archive()).rejects.toMatchObject({ code: "lease_lost" });

    expect(objects.size).toBe(left);
  });

  it("fails a job that is none of its kinds for good", async () => {
    expect(await archive({}, { ...job, kind: "other" })).toBe("failed");

    expect(queue.fail).toHaveBeenCalledWith(expect.anything(), {
      error: expect.stringContaining("other"),
      permanent: true,
    });
  });
});
