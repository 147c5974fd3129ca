drop function public.complete_and_claim_job(bigint, bigint, text, integer, text);
drop function public.claim_jobs(text, integer, integer, text);
drop function private.claim_job(text, integer, text, bigint, bigint);
drop function private.claim_jobs(text, integer, integer, text, boolean);
drop function private.lock_jobs_past_full_organizations(text, integer, integer, integer);
drop function private.jobs_within_share(text, integer, bigint[], uuid[], boolean);
drop function private.raise_lease_seconds_invalid();
drop function private.raise_lease_lost(bigint);
