import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { jobQueue } from "../../functions/_shared/jobs/job-queue.ts";
import { handleStorageCleaner } from "../../functions/storage-cleaner/handler.ts";
import type { ObjectStore } from "../../functions/storage-cleaner/object-store.ts";
import type { ClaimedJob } from "../../types/schemas.ts";

const organizationId = "11111111-1111-4111-8111-111111111111";

let waiting: ClaimedJob[];
let stored: Set<string>;
let calls: { name: string; args: Record<string, unknown> }[];

/** The queue in memory: jobs are handed out once, and what is said of them is recorded. */
const rpc: Rpc = async (name, args = {}) => {
  calls.push({ name, args });
  return name === "claim_jobs" ? waiting.splice(0, 1) : null;
};

/** A store that gives two names a page. */
const objects: ObjectStore = {
  list: async (bucket, prefix) =>
    [...stored]
      .filter((name) => name.startsWith(`${bucket}:${prefix}`))
      .map((name) => name.slice(bucket.length + 1))
      .slice(0, 2),
  remove: async (bucket, names) =>
    names.filter((name) => stored.delete(`${bucket}:${name}`)).length,
};

beforeEach(() => {
  waiting = [];
  stored = new Set();
  calls = [];
});

function add(kind: string, payload: Record<string, unknown>) {
  const id = waiting.length + 1;
  waiting.push({
    id,
    kind,
    organization_id: null,
    payload,
    attempts: 1,
    max_attempts: 20,
    lease_token: id * 100,
    leased_until: "2030-01-01T00:00:00Z",
  });
}

const clean = (more: Partial<Parameters<typeof handleStorageCleaner>[1]> = {}) =>
  handleStorageCleaner(
    { budget_seconds: 60 },
    {
      queue: jobQueue(rpc, "storage"),
      objects,
      rpc,
      wakeNext: vi.fn(),
      log: vi.fn(),
      worker: "test",
      ...more,
    },
  );

const said = (name: string) => calls.filter((call) => call.name === name).map(({ args }) => args);

describe("the storage cleaner", () => {
  it("removes everything below a folder, page by page, and nothing beside it", async () => {
    for (const name of ["a", "b/c", "b/d", "e/f/g", "h"]) {
      stored.add(`papers:${organizationId}/${name}`);
    }
    stored.add(`papers:${organizationId}x/i`).add(`pictures:${organizationId}/j`);
    add("remove_objects", { bucket: "papers", prefix: `${organizationId}/` });

    const result = await clean();

    expect(result).toEqual({
      jobs: [{ id: 1, kind: "remove_objects", outcome: "completed" }],
      removed_objects: 5,
      handed_over: false,
    });
    expect([...stored]).toEqual([`papers:${organizationId}x/i`, `pictures:${organizationId}/j`]);
    expect(said("complete_job")).toEqual([{ p_job_id: 1, p_lease_token: 100 }]);
  });

  it("completes a job whose folder is empty", async () => {
    add("remove_objects", { bucket: "papers", prefix: "users/1/" });

    expect((await clean()).jobs).toMatchObject([{ outcome: "completed" }]);
  });

  it.each([
    { bucket: "papers", prefix: "" },
    { bucket: "papers", prefix: "/" },
    { bucket: "papers", prefix: "no-slash-at-its-end" },
    { prefix: "one/" },
    {},
  ])("refuses for good what names no folder: %o", async (payload) => {
    stored.add("papers:one/a");
    add("remove_objects", payload);

    expect((await clean()).jobs).toMatchObject([{ outcome: "failed" }]);
    expect(said("fail_job")).toMatchObject([{ p_permanent: true }]);
    expect(stored.size).toBe(1);
  });

  it("refuses for good what it does not know", async () => {
    add("paint", {});

    expect((await clean()).jobs).toMatchObject([{ outcome: "failed" }]);
    expect(said("fail_job")).toMatchObject([{ p_permanent: true }]);
  });

  it("tries again when Storage does not answer", async () => {
    stored.add("papers:one/a");
    add("remove_objects", { bucket: "papers", prefix: "one/" });
    const remove = async () => {
      throw new HttpError(503, "storage_unavailable", "Storage did not remove the objects.");
    };

    const { jobs } = await clean({ objects: { ...objects, remove } });

    expect(jobs).toMatchObject([{ outcome: "retry" }]);
    expect(said("fail_job")).toMatchObject([{ p_permanent: false }]);
  });

  it("does not go in circles when Storage keeps what it was told to remove", async () => {
    stored.add("papers:one/a");
    add("remove_objects", { bucket: "papers", prefix: "one/" });

    const { jobs } = await clean({ objects: { ...objects, remove: async () => 0 } });

    expect(jobs).toMatchObject([{ outcome: "retry" }]);
    expect(said("complete_job")).toEqual([]);
  });

  it("hands a large folder over when its time is over, and calls the next", async () => {
    for (let index = 0; index < 6; index += 1) {
      stored.add(`papers:one/${index}`);
    }
    add("remove_objects", { bucket: "papers", prefix: "one/" });
    let now = 0;
    const remove: ObjectStore["remove"] = async (bucket, names) => {
      now += 40_000;
      return objects.remove(bucket, names);
    };
    const wakeNext = vi.fn();

    const { jobs } = await clean({ objects: { ...objects, remove }, wakeNext, now: () => now });

    expect(jobs).toMatchObject([{ outcome: "released" }]);
    expect(said("release_job")).toEqual([{ p_job_id: 1, p_lease_token: 100 }]);
    expect(stored.size).toBe(2);
    expect(wakeNext).toHaveBeenCalledOnce();
  });

  it("has the database delete what is large, with the lease", async () => {
    add("delete_organization", { organization_id: organizationId });
    add("delete_user", { user_id: organizationId });

    expect((await clean()).jobs).toMatchObject([
      { outcome: "completed" },
      { outcome: "completed" },
    ]);
    expect(said("delete_large_organization")).toEqual([{ p_job_id: 1, p_lease_token: 100 }]);
    expect(said("delete_large_user")).toEqual([{ p_job_id: 2, p_lease_token: 200 }]);
    expect(said("complete_job")).toEqual([]);
  });

  it("drops a job that belongs to another worker since", async () => {
    add("delete_user", { user_id: organizationId });
    const lost: Rpc = async (name, args) => {
      if (name === "delete_large_user") {
        throw new HttpError(409, "lease_lost", "The lease is lost");
      }
      return rpc(name, args);
    };

    expect((await clean({ rpc: lost })).jobs).toMatchObject([{ outcome: "lost" }]);
  });
});
