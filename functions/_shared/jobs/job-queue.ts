import { z } from "zod";
import { type ClaimedJob, claimedJob } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";

/** One queue of the database: every word after the claim presents the lease's token. */
export interface JobQueue {
  /** Null when nothing is due. */
  claim(worker: string, leaseSeconds: number): Promise<ClaimedJob | null>;
  extend(job: ClaimedJob, leaseSeconds: number): Promise<void>;
  /** Gives the job back, due at once; the attempt does not count. */
  release(job: ClaimedJob): Promise<void>;
  complete(job: ClaimedJob): Promise<void>;
  fail(job: ClaimedJob, failure: { error: string; permanent: boolean }): Promise<void>;
}

/** What an RPC takes to recognise a lease. */
export function leaseOf(job: ClaimedJob): {
  p_job_id: number | string;
  p_lease_token: number | string;
} {
  return { p_job_id: job.id, p_lease_token: job.lease_token };
}

/** A queue by its name, over RPCs of the service role. */
export function jobQueue(rpc: Rpc, queue: string): JobQueue {
  return {
    async claim(worker, leaseSeconds) {
      const rows = await rpc("claim_jobs", {
        p_queue: queue,
        p_limit: 1,
        p_lease_seconds: leaseSeconds,
        p_worker: worker,
      });
      return z.array(claimedJob).parse(rows)[0] ?? null;
    },
    async extend(job, leaseSeconds) {
      await rpc("extend_job", { ...leaseOf(job), p_lease_seconds: leaseSeconds });
    },
    async release(job) {
      await rpc("release_job", leaseOf(job));
    },
    async complete(job) {
      await rpc("complete_job", leaseOf(job));
    },
    async fail(job, { error, permanent }) {
      await rpc("fail_job", { ...leaseOf(job), p_error: error, p_permanent: permanent });
    },
  };
}
