-- Claiming jobs: how a worker gets a lease. Who is next is one range of an index; what an
-- organization already holds is counted under a lock, so that none gets more than its share.

-- The answer to a worker whose lease has ended or was never its own.
create function private.raise_lease_lost(p_job_id bigint)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = format('The lease on job %s is lost', p_job_id),
    detail = 'lease_lost',
    hint =
      'Drop the result: the job has been returned to the queue, claimed again, completed or '
      'removed.';
end;
$$;

-- The answer to a lease that would end at once or never.
create function private.raise_lease_seconds_invalid()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using
    message = 'Cannot lease a job for that long',
    detail = 'lease_seconds_invalid',
    hint = 'A lease lasts 1-86400 seconds; extend it while the work goes on.';
end;
$$;

-- Of some locked jobs, those that their organizations still have room for. From here to commit,
-- nobody else leases jobs of these organizations in this queue, so a count of leases taken after
-- the lock cannot be overtaken; completing only lowers it and needs no lock. Without p_wait, an
-- organization that somebody else is just leasing from has no room: two claims that each hold one
-- organization and wait for the other's would be a deadlock.
create function private.jobs_within_share(
  p_queue text,
  p_share integer,
  p_ids bigint[],
  p_organization_ids uuid[],
  p_wait boolean
)
returns bigint[]
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_granted bigint[] := array[]::bigint[];
  v_organization_ids uuid[] := p_organization_ids;
  v_organization_id uuid;
  v_is_locked boolean;
  v_room integer;
begin
  -- In one order for everybody, so that waiting cannot go round in a circle.
  if cardinality(p_ids) > 1 then
    v_organization_ids := array(
      select distinct given.organization_id
      from unnest(p_organization_ids) as given (organization_id)
      order by given.organization_id
    );
  end if;

  foreach v_organization_id in array v_organization_ids loop
    if v_organization_id is not null then
      v_is_locked := case
        when p_wait then
          pg_advisory_xact_lock(hashtextextended(p_queue || ' ' || v_organization_id, 0))
            is not null
        else pg_try_advisory_xact_lock(hashtextextended(p_queue || ' ' || v_organization_id, 0))
      end;
      continue when not v_is_locked;

      select p_share - count(*)
      into v_room
      from private.jobs
      where jobs.queue = p_queue
        and jobs.organization_id = v_organization_id
        and jobs.leased_until is not null;
      continue when v_room <= 0;
    end if;

    if cardinality(p_ids) = 1 then
      return p_ids;
    end if;
    v_granted := v_granted || array(
      select given.id
      from unnest(p_ids, p_organization_ids) with ordinality as given (id, organization_id, place)
      where given.organization_id is not distinct from v_organization_id
      order by given.place
      limit case when v_organization_id is not null then v_room end
    );
  end loop;
  return v_granted;
end;
$$;

-- Locks due jobs of one priority, passing by organizations that have their share: the head of each
-- other organization is looked up in the index, however many jobs the full ones have in front of
-- it.
create function private.lock_jobs_past_full_organizations(
  p_queue text,
  p_priority integer,
  p_share integer,
  p_limit integer,
  out ids bigint[],
  out organization_ids uuid[]
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  with recursive organizations as (
    (
      select jobs.organization_id
      from private.jobs
      order by jobs.organization_id
      limit 1
    )
    union all
    select (
      select jobs.organization_id
      from private.jobs
      where jobs.organization_id > organizations.organization_id
      order by jobs.organization_id
      limit 1
    )
    from organizations
    where organizations.organization_id is not null
  ),
  candidates as (
    select due.id, due.run_at
    from organizations
    cross join lateral (
      select p_share - count(*) as jobs
      from private.jobs
      where jobs.queue = p_queue
        and jobs.organization_id = organizations.organization_id
        and jobs.leased_until is not null
    ) as room
    cross join lateral (
      select jobs.id, jobs.run_at
      from private.jobs
      where jobs.organization_id = organizations.organization_id
        and jobs.queue = p_queue
        and jobs.priority = p_priority
        and jobs.run_at <= now()
        and jobs.leased_until is null
      order by jobs.run_at, jobs.id
      limit least(room.jobs, p_limit)
    ) as due
    where organizations.organization_id is not null
      and room.jobs > 0
    union all
    (
      select jobs.id, jobs.run_at
      from private.jobs
      where jobs.organization_id is null
        and jobs.queue = p_queue
        and jobs.priority = p_priority
        and jobs.run_at <= now()
        and jobs.leased_until is null
      order by jobs.run_at, jobs.id
      limit p_limit
    )
  ),
  -- Some to spare: other workers are after the same ones.
  first as (
    select candidates.id
    from candidates
    order by candidates.run_at, candidates.id
    limit p_limit + 32
  )
  select array_agg(locked.id), array_agg(locked.organization_id)
  into ids, organization_ids
  from (
    select jobs.id, jobs.organization_id
    from private.jobs
    where jobs.id in (select first.id from first)
      and jobs.lease_token <= 0
    order by jobs.run_at, jobs.id
    limit p_limit
    for update skip locked
  ) as locked;
end;
$$;

-- Leases due jobs to a worker: higher priority first, then run_at, then id; the rows it returns are
-- in no particular order. Each comes with a token to present with its result. Errors: PT400
-- limit_invalid, PT400 lease_seconds_invalid.
--
-- Claim in a transaction of its own. Unless the transaction has already written something, it does
-- not wait for the disk: when the server crashes, a claim may be forgotten and its job waits again,
-- which an expired lease would have led to as well. Enqueueing and recording results are as durable
-- as any commit.
--
-- p_may_wait is for callers that hold no organization's lock yet; see private.jobs_within_share().
create function private.claim_jobs(
  p_queue text,
  p_limit integer default 1,
  p_lease_seconds integer default 60,
  p_worker text default null,
  p_may_wait boolean default true
)
returns setof private.jobs
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
-- Plans live as long as the session, and are often made on an empty queue: they must suit a full
-- one.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_share integer;
  v_priorities smallint[];
  v_priority smallint;
  v_wanted integer := p_limit;
  v_ids bigint[];
  v_organization_ids uuid[];
  v_granted bigint[];
  v_may_wait boolean := p_may_wait;
begin
  if p_limit is null or p_limit not between 1 and 1000 then
    raise sqlstate 'PT400' using
      message = 'Cannot claim jobs: the limit is out of range',
      detail = 'limit_invalid',
      hint = 'Claim 1-1000 jobs at once.';
  end if;
  if p_lease_seconds is null or p_lease_seconds not between 1 and 86400 then
    perform private.raise_lease_seconds_invalid();
  end if;
  -- An expression and not a perform, which would run a query of its own.
  if pg_current_xact_id_if_assigned() is null
    and set_config('synchronous_commit', 'off', true) is null
  then
    return;
  end if;

  select queues.organization_share, queues.priorities
  into v_share, v_priorities
  from private.queues
  where queues.queue = p_queue;

  foreach v_priority in array coalesce(v_priorities, '{}') loop
    select array_agg(head.id), array_agg(head.organization_id)
    into v_ids, v_organization_ids
    from (
      select jobs.id, jobs.organization_id
      from private.jobs
      where jobs.queue = p_queue
        and jobs.leased_until is null
        and jobs.priority = v_priority
        and jobs.run_at <= now()
      order by jobs.run_at, jobs.id
      limit v_wanted
      for update skip locked
    ) as head;

    -- The second and later tries are for what lies behind organizations that have their share; more
    -- than one, because other workers take the same jobs meanwhile.
    for v_try in 1..4 loop
      exit when v_ids is null;

      v_granted := v_ids;
      if v_organization_ids[1] is not null or cardinality(v_ids) > 1 then
        v_granted := private.jobs_within_share(
          p_queue, v_share, v_ids, v_organization_ids, v_may_wait
        );
        v_may_wait := false;
      end if;
      return query
        update private.jobs
        set
          attempts = jobs.attempts + 1,
          lease_token = greatest(
            abs(jobs.lease_token) + 1,
            (extract(epoch from clock_timestamp()) * 1000000)::bigint
          ),
          leased_until = now() + make_interval(secs => p_lease_seconds),
          leased_by = p_worker
        where jobs.id = any (v_granted)
        returning jobs.*;

      v_wanted := v_wanted - cardinality(v_granted);
      exit when v_wanted = 0 or v_try = 1 and cardinality(v_granted) = cardinality(v_ids);

      select past.ids, past.organization_ids
      into v_ids, v_organization_ids
      from private.lock_jobs_past_full_organizations(
        p_queue, v_priority, v_share, v_wanted
      ) as past;
    end loop;
    exit when v_wanted = 0;
  end loop;
end;
$$;

-- Leases the next due job, as private.claim_jobs() with a limit of one does, by the shortest way;
-- with p_done_job_id, it first ends that job. Most jobs of a busy queue pass through here: every
-- statement it does not run is saved once for each of them.
-- Errors: PT409 lease_lost, PT400 lease_seconds_invalid.
create function private.claim_job(
  p_queue text,
  p_lease_seconds integer default 60,
  p_worker text default null,
  p_done_job_id bigint default null,
  p_done_lease_token bigint default null
)
returns table (
  id bigint,
  kind text,
  organization_id uuid,
  payload jsonb,
  attempts integer,
  max_attempts integer,
  lease_token bigint,
  leased_until timestamptz
)
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
-- As in private.claim_jobs().
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_share integer;
  v_priorities smallint[];
  v_priority smallint;
  v_last_token bigint;
  v_held bigint;
begin
  if p_lease_seconds is null or p_lease_seconds not between 1 and 86400 then
    perform private.raise_lease_seconds_invalid();
  end if;
  if p_done_job_id is not null then
    delete from private.jobs
    where jobs.id = p_done_job_id
      and jobs.lease_token = p_done_lease_token
      and p_done_lease_token > 0;
    if not found then
      perform private.raise_lease_lost(p_done_job_id);
    end if;
  -- As in private.claim_jobs(); a completion waits for the disk.
  elsif pg_current_xact_id_if_assigned() is null
    and set_config('synchronous_commit', 'off', true) is null
  then
    return;
  end if;

  select queues.organization_share, queues.priorities
  into v_share, v_priorities
  from private.queues
  where queues.queue = p_queue;

  foreach v_priority in array coalesce(v_priorities, '{}') loop
    select
      jobs.id, jobs.kind, jobs.organization_id, jobs.payload, jobs.attempts + 1, jobs.max_attempts,
      jobs.lease_token
    into id, kind, organization_id, payload, attempts, max_attempts, v_last_token
    from private.jobs
    where jobs.queue = p_queue
      and jobs.leased_until is null
      and jobs.priority = v_priority
      and jobs.run_at <= now()
    order by jobs.run_at, jobs.id
    limit 1
    for update skip locked;
    exit when id is not null;
  end loop;
  if id is null then
    return;
  end if;

  if organization_id is not null then
    -- As in private.jobs_within_share().
    perform pg_advisory_xact_lock(hashtextextended(p_queue || ' ' || organization_id, 0));
    select count(*)
    into v_held
    from private.jobs
    where jobs.queue = p_queue
      and jobs.organization_id = claim_job.organization_id
      and jobs.leased_until is not null;
    if v_held >= v_share then
      -- Without waiting: this organization's lock is held, and whoever holds another's may want it.
      return query
        select
          jobs.id, jobs.kind, jobs.organization_id, jobs.payload, jobs.attempts::integer,
          jobs.max_attempts::integer, jobs.lease_token, jobs.leased_until
        from private.claim_jobs(p_queue, 1, p_lease_seconds, p_worker, p_may_wait => false) as jobs;
      return;
    end if;
  end if;

  lease_token := greatest(
    abs(v_last_token) + 1,
    (extract(epoch from clock_timestamp()) * 1000000)::bigint
  );
  leased_until := now() + make_interval(secs => p_lease_seconds);
  update private.jobs
  set
    attempts = claim_job.attempts,
    lease_token = claim_job.lease_token,
    leased_until = claim_job.leased_until,
    leased_by = p_worker
  where jobs.id = claim_job.id;
  return next;
end;
$$;

create function public.claim_jobs(
  p_queue text,
  p_limit integer default 1,
  p_lease_seconds integer default 60,
  p_worker text default null
)
returns table (
  id bigint,
  kind text,
  organization_id uuid,
  payload jsonb,
  attempts integer,
  max_attempts integer,
  lease_token bigint,
  leased_until timestamptz
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_limit = 1 then
    return query select * from private.claim_job(p_queue, p_lease_seconds, p_worker);
    return;
  end if;

  return query
    select
      jobs.id,
      jobs.kind,
      jobs.organization_id,
      jobs.payload,
      jobs.attempts::integer,
      jobs.max_attempts::integer,
      jobs.lease_token,
      jobs.leased_until
    from private.claim_jobs(p_queue, p_limit, p_lease_seconds, p_worker) as jobs
    order by jobs.priority desc, jobs.run_at, jobs.id;
end;
$$;

-- Both at once, for a worker that goes from job to job: one round trip and one commit instead of
-- two. Without a job it only claims, which is how a worker begins.
create function public.complete_and_claim_job(
  p_job_id bigint,
  p_lease_token bigint,
  p_queue text,
  p_lease_seconds integer default 60,
  p_worker text default null
)
returns table (
  id bigint,
  kind text,
  organization_id uuid,
  payload jsonb,
  attempts integer,
  max_attempts integer,
  lease_token bigint,
  leased_until timestamptz
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return query
    select *
    from private.claim_job(p_queue, p_lease_seconds, p_worker, p_job_id, p_lease_token);
end;
$$;

comment on function public.claim_jobs(text, integer, integer, text) is
  'Leases due jobs to a worker: higher priority first, then run_at, then id. Present the '
  'lease_token with each result. Errors: limit_invalid, lease_seconds_invalid.';
comment on function public.complete_and_claim_job(bigint, bigint, text, integer, text) is
  'Ends a leased job, if one is given, and leases the next one of a queue, in one commit. '
  'Errors: lease_lost (then nothing is claimed), lease_seconds_invalid.';

grant execute on function
  private.claim_jobs(text, integer, integer, text, boolean),
  private.claim_job(text, integer, text, bigint, bigint),
  public.claim_jobs(text, integer, integer, text),
  public.complete_and_claim_job(bigint, bigint, text, integer, text)
to service_role;
