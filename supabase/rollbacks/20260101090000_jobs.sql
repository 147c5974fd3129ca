drop function public.release_job(bigint, bigint);
drop function public.extend_job(bigint, bigint, integer);
drop function public.complete_and_claim_job(bigint, bigint, text, integer, text);
drop function public.complete_jobs(bigint[], bigint[]);
drop function public.complete_job(bigint, bigint);
drop function public.claim_jobs(text, integer, integer, text);
drop function public.enqueue_jobs(
  text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]
);
drop function public.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text);
drop function private.queues_with_work();
drop function private.release_job(bigint, bigint);
drop function private.extend_job(bigint, bigint, integer);
drop function private.complete_jobs(bigint[], bigint[]);
drop function private.complete_job(bigint, bigint);
drop function private.hold_lease(bigint, bigint);
drop function private.claim_job(text, integer, text, bigint, bigint);
drop function private.claim_jobs(text, integer, integer, text);
drop function private.lock_jobs_past_full_organizations(text, integer, integer, integer);
drop function private.jobs_within_share(text, integer, bigint[], uuid[], boolean);
drop function private.enqueue_jobs(
  text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]
);
drop function private.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text);
drop function private.raise_lease_seconds_invalid();
drop function private.raise_lease_lost(bigint);
drop function private.job_backoff(integer);
drop table private.jobs;
drop function private.check_job();
drop table private.queues;
