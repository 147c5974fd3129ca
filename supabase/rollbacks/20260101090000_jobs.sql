drop function public.enqueue_jobs(
  text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]
);
drop function public.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text);
drop function private.enqueue_jobs(
  text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]
);
drop function private.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text);
drop table private.jobs;
drop function private.check_job();
drop table private.queues;
