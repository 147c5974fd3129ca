-- Leases: what a worker says about a job that it holds, with the token of its lease each time.

-- Locks the job until commit, or raises PT409 lease_lost unless the token is that of its present
-- lease. Whatever records a result calls it first, in the same transaction.
create function private.hold_lease(p_job_id bigint, p_lease_token bigint)
returns private.jobs
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job private.jobs;
begin
  select jobs.*
  into v_job
  from private.jobs
  where jobs.id = p_job_id
    and jobs.lease_token = p_lease_token
    and p_lease_token > 0
  for update;

  if v_job.id is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  return v_job;
end;
$$;

-- Ends a job whose result is recorded. Raises PT409 lease_lost.
create function private.complete_job(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  delete from private.jobs
  where jobs.id = p_job_id
    and jobs.lease_token = p_lease_token
    and p_lease_token > 0;

  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;
end;
$$;

-- Ends many jobs: the n-th id with the n-th token. Returns the ids that ended; for the others the
-- lease is lost, and their results must not count.
create function private.complete_jobs(p_job_ids bigint[], p_lease_tokens bigint[])
returns bigint[]
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
-- As in private.claim_jobs().
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_completed bigint[];
begin
  with completed as (
    delete from private.jobs
    using unnest(p_job_ids, p_lease_tokens) as lease (job_id, token)
    where jobs.id = lease.job_id
      and jobs.lease_token = lease.token
      and lease.token > 0
    returning jobs.id
  )
  select coalesce(array_agg(completed.id), '{}')
  into v_completed
  from completed;
  return v_completed;
end;
$$;

-- Lengthens a lease, counted from now, and returns its new end. Raises PT409 lease_lost, PT400
-- lease_seconds_invalid.
create function private.extend_job(
  p_job_id bigint,
  p_lease_token bigint,
  p_lease_seconds integer
)
returns timestamptz
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_leased_until timestamptz;
begin
  if p_lease_seconds is null or p_lease_seconds not between 1 and 86400 then
    perform private.raise_lease_seconds_invalid();
  end if;

  update private.jobs
  set leased_until = now() + make_interval(secs => p_lease_seconds)
  where jobs.id = p_job_id
    and jobs.lease_token = p_lease_token
    and p_lease_token > 0
  returning jobs.leased_until into v_leased_until;

  if v_leased_until is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  return v_leased_until;
end;
$$;

-- Hands a job back: it is due again at once, and the attempt does not count. Raises PT409
-- lease_lost.
create function private.release_job(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  update private.jobs
  set
    attempts = jobs.attempts - 1,
    lease_token = -jobs.lease_token,
    leased_until = null,
    leased_by = null
  where jobs.id = p_job_id
    and jobs.lease_token = p_lease_token
    and p_lease_token > 0;

  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;
end;
$$;

-- The queues in which a job is due. The work of an organization that has its share counts too.
create function private.queues_with_work()
returns setof text
language plpgsql
stable
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  return query
    with recursive levels as (
      (
        select jobs.queue, jobs.priority
        from private.jobs
        where jobs.leased_until is null
        order by jobs.queue, jobs.priority desc
        limit 1
      )
      union all
      select following.queue, following.priority
      from levels
      cross join lateral (
        (
          select jobs.queue, jobs.priority
          from private.jobs
          where jobs.leased_until is null
            and jobs.queue = levels.queue
            and jobs.priority < levels.priority
          order by jobs.priority desc
          limit 1
        )
        union all
        (
          select jobs.queue, jobs.priority
          from private.jobs
          where jobs.leased_until is null
            and jobs.queue > levels.queue
          order by jobs.queue, jobs.priority desc
          limit 1
        )
        limit 1
      ) as following
    )
    select distinct levels.queue
    from levels
    where exists (
      select
      from private.jobs
      where jobs.queue = levels.queue
        and jobs.priority = levels.priority
        and jobs.run_at <= now()
        and jobs.leased_until is null
    );
end;
$$;

create function public.complete_job(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

create function public.complete_jobs(p_job_ids bigint[], p_lease_tokens bigint[])
returns bigint[]
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.complete_jobs(p_job_ids, p_lease_tokens);
end;
$$;

create function public.extend_job(p_job_id bigint, p_lease_token bigint, p_lease_seconds integer)
returns timestamptz
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.extend_job(p_job_id, p_lease_token, p_lease_seconds);
end;
$$;

create function public.release_job(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.release_job(p_job_id, p_lease_token);
end;
$$;

comment on function public.complete_job(bigint, bigint) is
  'Ends a leased job whose result is recorded. Error: lease_lost.';
comment on function public.complete_jobs(bigint[], bigint[]) is
  'Ends many leased jobs, the n-th id with the n-th token, and returns the ids that ended. For '
  'the others the lease is lost.';
comment on function public.extend_job(bigint, bigint, integer) is
  'Lengthens a lease, counted from now, and returns its new end. Errors: lease_lost, '
  'lease_seconds_invalid.';
comment on function public.release_job(bigint, bigint) is
  'Hands a leased job back: it is due again at once, and the attempt does not count. Error: '
  'lease_lost.';

grant execute on function
  private.complete_job(bigint, bigint),
  private.complete_jobs(bigint[], bigint[]),
  private.extend_job(bigint, bigint, integer),
  private.release_job(bigint, bigint),
  public.complete_job(bigint, bigint),
  public.complete_jobs(bigint[], bigint[]),
  public.extend_job(bigint, bigint, integer),
  public.release_job(bigint, bigint)
to service_role;
