-- Dead jobs: what failed for good, kept for people to look at and to replay. A job dies when it
-- fails with its last attempt, when its lease expires with it, or when its worker says that trying
-- again is of no use. Rows leave by replay, or with their organization.

create table private.dead_jobs (
  id bigint generated always as identity primary key,
  job_id bigint not null,
  queue text not null,
  kind text not null,
  organization_id uuid references public.organizations (id) on delete cascade,
  payload jsonb not null,
  priority smallint not null,
  attempts smallint not null,
  max_attempts smallint not null,
  dedupe_key text,
  last_error text not null,
  enqueued_at timestamptz not null,
  died_at timestamptz not null default now(),

  constraint dead_jobs_job_id_key unique (job_id)
);

comment on table private.dead_jobs is 'Jobs that failed for good, until they are replayed.';
comment on column private.dead_jobs.job_id is
  'The id it had in private.jobs. A replay gives it a new one.';

create index dead_jobs_organization_id_idx on private.dead_jobs (organization_id);
create index dead_jobs_queue_died_at_idx on private.dead_jobs (queue, died_at desc);

-- The wait before another attempt: 2 to the power of attempts in seconds, at most an hour, of which
-- half is random, so that jobs that failed together do not come back together ("equal jitter").
create function private.job_backoff(p_attempts integer)
returns interval
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return make_interval(secs => least(2 ^ least(p_attempts, 12), 3600) * (0.5 + random() / 2));
end;
$$;

-- Moves a job that is locked by the caller out of its queue.
create function private.bury_job(p_job private.jobs, p_error text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  delete from private.jobs where jobs.id = p_job.id;

  insert into private.dead_jobs (
    job_id, queue, kind, organization_id, payload, priority, attempts, max_attempts, dedupe_key,
    last_error, enqueued_at
  )
  values (
    p_job.id, p_job.queue, p_job.kind, p_job.organization_id, p_job.payload, p_job.priority,
    p_job.attempts, p_job.max_attempts, p_job.dedupe_key, p_error, p_job.created_at
  );
end;
$$;

-- Ends a lease without a result. Returns 'retry' when the job waits for another attempt, 'dead'
-- when there is none left or p_permanent says that none would help. The wait is the backoff, or
-- p_retry_after_seconds (at most a day) when whoever refused said how long. Raises PT409
-- lease_lost.
create function private.fail_job(
  p_job_id bigint,
  p_lease_token bigint,
  p_error text,
  p_retry_after_seconds integer default null,
  p_permanent boolean default false
)
returns text
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
  -- Errors are for reading; a whole response body in one is not.
  v_error constant text := left(coalesce(nullif(p_error, ''), 'No reason given'), 4000);
begin
  if p_permanent or v_job.attempts >= v_job.max_attempts then
    perform private.bury_job(v_job, v_error);
    return 'dead';
  end if;

  update private.jobs
  set
    run_at = now() + case
      when p_retry_after_seconds is null then private.job_backoff(v_job.attempts)
      else make_interval(secs => least(greatest(p_retry_after_seconds, 0), 86400))
    end,
    lease_token = -jobs.lease_token,
    leased_until = null,
    leased_by = null,
    last_error = v_error
  where jobs.id = p_job_id;
  return 'retry';
end;
$$;

-- Takes back leases whose time is over: their workers are taken for dead, and what they still
-- report is refused. The attempt counts, so a job that kills its workers dies after the last one.
-- Returns how many.
create function private.return_expired_leases()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job private.jobs;
  v_error text;
  v_count integer := 0;
begin
  for v_job in
    select jobs.*
    from private.jobs
    where jobs.leased_until is not null
      and jobs.leased_until < now()
    order by jobs.id
    for update skip locked
  loop
    v_error := format(
      'The lease of attempt %s expired%s', v_job.attempts, ' (worker ' || v_job.leased_by || ')'
    );
    if v_job.attempts >= v_job.max_attempts then
      perform private.bury_job(v_job, v_error);
    else
      update private.jobs
      set
        run_at = now() + private.job_backoff(v_job.attempts),
        lease_token = -jobs.lease_token,
        leased_until = null,
        leased_by = null,
        last_error = v_error
      where jobs.id = v_job.id;
    end if;
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Puts a dead job back into its queue with all its attempts, due at once, and returns the new job's
-- id. While another job of the queue has its dedupe key, that one's id is returned, and the dead
-- job stays. Raises PT404 dead_job_not_found.
create function private.replay_dead_job(p_dead_job_id bigint)
returns bigint
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_dead private.dead_jobs;
  v_id bigint;
begin
  select dead_jobs.*
  into v_dead
  from private.dead_jobs
  where dead_jobs.id = p_dead_job_id
  for update;

  if v_dead.id is null then
    raise sqlstate 'PT404' using
      message = format('Cannot find the dead job %s', p_dead_job_id),
      detail = 'dead_job_not_found',
      hint = 'It may have been replayed already.';
  end if;

  insert into private.jobs
    (queue, kind, payload, organization_id, priority, max_attempts, dedupe_key)
  values (
    v_dead.queue, v_dead.kind, v_dead.payload, v_dead.organization_id, v_dead.priority,
    v_dead.max_attempts, v_dead.dedupe_key
  )
  on conflict (queue, dedupe_key) where dedupe_key is not null do nothing
  returning id into v_id;

  if v_id is null then
    return private.enqueue_job(
      v_dead.queue, v_dead.kind, v_dead.payload, v_dead.organization_id, v_dead.priority,
      now(), v_dead.max_attempts, v_dead.dedupe_key
    );
  end if;

  delete from private.dead_jobs where dead_jobs.id = p_dead_job_id;
  return v_id;
end;
$$;

create function public.fail_job(
  p_job_id bigint,
  p_lease_token bigint,
  p_error text,
  p_retry_after_seconds integer default null,
  p_permanent boolean default false
)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.fail_job(
    p_job_id, p_lease_token, p_error, p_retry_after_seconds, p_permanent
  );
end;
$$;

create function public.replay_dead_job(p_dead_job_id bigint)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.replay_dead_job(p_dead_job_id);
end;
$$;

comment on function public.fail_job(bigint, bigint, text, integer, boolean) is
  'Ends a lease without a result: "retry" when the job waits for another attempt, "dead" when it '
  'became a dead job. Error: lease_lost.';
comment on function public.replay_dead_job(bigint) is
  'Puts a dead job back into its queue and returns the new job''s id. Error: dead_job_not_found.';

-- Not return_expired_leases: only private.tick() takes leases back.
grant execute on function
  private.fail_job(bigint, bigint, text, integer, boolean),
  private.replay_dead_job(bigint),
  public.fail_job(bigint, bigint, text, integer, boolean),
  public.replay_dead_job(bigint)
to service_role;
-- Neither authenticated nor anon, as for jobs.
