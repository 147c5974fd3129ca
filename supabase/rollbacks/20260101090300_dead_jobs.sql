drop function public.replay_dead_job(bigint);
drop function public.fail_job(bigint, bigint, text, integer, boolean);
drop function private.replay_dead_job(bigint);
drop function private.return_expired_leases();
drop function private.fail_job(bigint, bigint, text, integer, boolean);
drop function private.bury_job(private.jobs, text);
drop function private.job_backoff(integer);
drop table private.dead_jobs;
