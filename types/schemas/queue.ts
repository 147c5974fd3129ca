import { z } from "zod";
import { bigint, jsonObject, timestamp, uuid } from "./scalars.ts";

/** `enqueue_job` (service role): answers the job's id, the present one's for a known dedupe key. */
export const enqueueJobInput = z.object({
  p_queue: z.string().min(1),
  p_kind: z.string().min(1),
  p_payload: jsonObject.optional(),
  p_organization_id: uuid.nullish(),
  p_priority: z.int().optional(),
  p_run_at: timestamp.optional(),
  p_max_attempts: z.int().positive().optional(),
  p_dedupe_key: z.string().nullish(),
});
export type EnqueueJobInput = z.infer<typeof enqueueJobInput>;

/** `enqueue_jobs` (service role): the n-th payload has the n-th organization and dedupe key. */
export const enqueueJobsInput = z.object({
  p_queue: z.string().min(1),
  p_kind: z.string().min(1),
  p_payloads: z.array(jsonObject),
  p_organization_ids: z.array(uuid.nullable()).nullish(),
  p_priority: z.int().optional(),
  p_run_at: timestamp.optional(),
  p_max_attempts: z.int().positive().optional(),
  p_dedupe_keys: z.array(z.string().nullable()).nullish(),
});
export type EnqueueJobsInput = z.infer<typeof enqueueJobsInput>;

/** `claim_jobs` (service role). */
export const claimJobsInput = z.object({
  p_queue: z.string().min(1),
  p_limit: z.int().positive().optional(),
  p_lease_seconds: z.int().positive().optional(),
  p_worker: z.string().nullish(),
});
export type ClaimJobsInput = z.infer<typeof claimJobsInput>;

/** A claimed job with its lease; every later word about it must carry the token. */
export const claimedJob = z.looseObject({
  id: bigint,
  kind: z.string(),
  organization_id: uuid.nullable(),
  payload: jsonObject,
  attempts: z.int(),
  max_attempts: z.int(),
  lease_token: bigint,
  leased_until: timestamp,
});
export type ClaimedJob = z.infer<typeof claimedJob>;

const lease = { p_job_id: bigint, p_lease_token: bigint };

/** `complete_job` and `release_job` (service role). */
export const leaseInput = z.object(lease);
export type LeaseInput = z.infer<typeof leaseInput>;

/** `complete_jobs` (service role): answers the ids that were completed. */
export const completeJobsInput = z.object({
  p_job_ids: z.array(bigint),
  p_lease_tokens: z.array(bigint),
});
export type CompleteJobsInput = z.infer<typeof completeJobsInput>;

/** `complete_and_claim_job` (service role): without a job it only claims. */
export const completeAndClaimJobInput = z.object({
  p_job_id: bigint.nullable(),
  p_lease_token: bigint.nullable(),
  p_queue: z.string().min(1),
  p_lease_seconds: z.int().positive().optional(),
  p_worker: z.string().nullish(),
});
export type CompleteAndClaimJobInput = z.infer<typeof completeAndClaimJobInput>;

/** `extend_job` (service role): answers the lease's new end. */
export const extendJobInput = z.object({ ...lease, p_lease_seconds: z.int().positive() });
export type ExtendJobInput = z.infer<typeof extendJobInput>;

/** `fail_job` (service role): answers `retry` or `dead`. */
export const failJobInput = z.object({
  ...lease,
  p_error: z.string(),
  p_retry_after_seconds: z.int().nonnegative().nullish(),
  p_permanent: z.boolean().optional(),
});
export type FailJobInput = z.infer<typeof failJobInput>;

/** `replay_dead_job` (service role): answers the new job's id. */
export const replayDeadJobInput = z.object({ p_dead_job_id: bigint });
export type ReplayDeadJobInput = z.infer<typeof replayDeadJobInput>;

/** Seconds a worker works when it is not told otherwise. */
export const WORKER_BUDGET_SECONDS = 120;

/** Body of every function that drains a queue. */
export const workerBody = z.looseObject({
  /** Wall-clock seconds after which no further work is begun. Supabase ends a function at 150. */
  budget_seconds: z.number().min(1).max(WORKER_BUDGET_SECONDS).default(WORKER_BUDGET_SECONDS),
});
export type WorkerBody = z.infer<typeof workerBody>;

/** What a function that drains a queue answers; `task-runner` speaks of runs instead. */
export const workerResult = z.object({
  /** `retry` waits for another attempt, `lost` belongs to another worker since. */
  jobs: z.array(z.object({ id: bigint, kind: z.string(), outcome: z.string() })),
  /** Whether the budget ended before the queue did, and another worker was called. */
  handed_over: z.boolean(),
});
export type WorkerResult = z.infer<typeof workerResult>;
