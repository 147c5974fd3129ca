-- Jobs: the one queue of background work. A job waits, is leased to a worker, and is deleted when
-- its result is recorded; what fails for good moves to private.dead_jobs.
--
-- A lease carries a fencing token, and whoever records a result presents it in the same
-- transaction, so a job that ran twice takes effect once. Tokens grow with every lease of a job.
-- They come from the clock and not from a sequence, because claiming does not wait for the disk
-- (see private.claim_jobs): after a crash a sequence could hand out a token that a worker from
-- before still holds.
--
-- No organization holds more than its share of a queue's leases at once. Jobs without an
-- organization are the system's own and have no share.
--
-- There is no updated_at and no check constraint: a job changes twice in a short life, and every
-- claim would pay for them. What a job is gets checked once, when it is inserted.

create table private.queues (
  queue text primary key,
  organization_share integer not null default 10,
  priorities smallint[] not null default '{}',

  constraint queues_queue_check check (length(queue) between 1 and 63),
  constraint queues_organization_share_check check (organization_share between 1 and 10000)
);

comment on table private.queues is
  'The queues that jobs have been put into. The first job makes the row.';
comment on column private.queues.organization_share is
  'How many leases one organization holds in this queue at most.';
comment on column private.queues.priorities is
  'Every priority that was ever used, highest first. Claiming reads the jobs of one after the '
  'other: within one, what is due is one range of the index.';

alter table private.queues enable row level security;

create table private.jobs (
  id bigint generated always as identity primary key,
  queue text not null,
  kind text not null,
  organization_id uuid references public.organizations (id) on delete cascade,
  payload jsonb not null default '{}',
  priority smallint not null default 0,
  run_at timestamptz not null default now(),
  attempts smallint not null default 0,
  max_attempts smallint not null default 5,
  lease_token bigint not null default 0,
  leased_until timestamptz,
  leased_by text,
  dedupe_key text,
  last_error text,
  created_at timestamptz not null default now()
) with (
  -- Room for the leased version of a row beside the waiting one.
  fillfactor = 70,
  -- A queue is mostly dead rows. They are cleaned by their number, whatever the table's size.
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_threshold = -1
);

comment on table private.jobs is
  'Background work that is waiting or leased. Completed jobs are deleted, failed ones become dead '
  'jobs.';
comment on column private.jobs.priority is 'Higher first; then run_at, then id.';
comment on column private.jobs.run_at is
  'Not before this instant; moved on by the backoff of a failure.';
comment on column private.jobs.attempts is 'Leases so far, the present one included.';
comment on column private.jobs.lease_token is
  'The fencing token of the lease, in microseconds of the epoch; negative once that lease has '
  'ended, 0 before the first.';
comment on column private.jobs.leased_until is 'Null while the job waits.';
comment on column private.jobs.leased_by is 'What the worker called itself; for people to read.';
comment on column private.jobs.dedupe_key is
  'At most one job of a queue has it, from enqueueing until the job is completed or dead.';
comment on column private.jobs.payload is 'References only: never a secret.';

-- The order of claiming.
create index jobs_queue_priority_run_at_id_idx
  on private.jobs (queue, priority desc, run_at, id)
  where leased_until is null;
-- Leases held: small, for counting shares and finding expired ones. leased_until is not in it, so
-- that extending a lease touches no index.
create index jobs_queue_organization_id_leased_idx
  on private.jobs (queue, organization_id)
  where leased_until is not null;
-- The foreign key, and the next job of each organization when the head of the queue is one that has
-- its share.
create index jobs_organization_id_queue_priority_run_at_id_idx
  on private.jobs (organization_id, queue, priority desc, run_at, id);
create unique index jobs_queue_dedupe_key_key
  on private.jobs (queue, dedupe_key)
  where dedupe_key is not null;

-- Checks what stays as it is inserted, and keeps the queue's list of priorities.
-- Errors: PT400 job_invalid.
create function private.check_job()
returns trigger
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_fault constant text := case
    when length(new.queue) not between 1 and 63 then 'a queue has a name of 1-63 characters'
    when length(new.kind) not between 1 and 100 then 'a kind has 1-100 characters'
    when jsonb_typeof(new.payload) <> 'object' then 'a payload is a JSON object'
    when new.priority not between -100 and 100 then 'a priority is a number from -100 to 100'
    when new.max_attempts not between 1 and 100 then 'max_attempts is a number from 1 to 100'
    when length(new.dedupe_key) not between 1 and 255 then 'a dedupe key has 1-255 characters'
  end;
begin
  if v_fault is not null then
    raise sqlstate 'PT400' using
      message = 'Cannot enqueue the job: ' || v_fault,
      detail = 'job_invalid',
      hint = 'Change the job and enqueue it again.';
  end if;

  if not exists (
    select
    from private.queues
    where queues.queue = new.queue
      and new.priority = any (queues.priorities)
  ) then
    insert into private.queues as queues (queue, priorities)
    values (new.queue, array[new.priority])
    on conflict (queue) do update
    set priorities = array(
      select distinct used.priority
      from unnest(queues.priorities || new.priority) as used (priority)
      order by used.priority desc
    );
  end if;
  return new;
end;
$$;

create trigger _100_check_job
  before insert on private.jobs
  for each row
  execute function private.check_job();

-- Not exposed, and no API role has a grant: row-level security closes what a stray grant would
-- open.
alter table private.jobs enable row level security;

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

-- Puts a job into a queue and returns its id. While another job of the queue has the same dedupe
-- key, nothing is added and that job's id is returned.
create function private.enqueue_job(
  p_queue text,
  p_kind text,
  p_payload jsonb default '{}',
  p_organization_id uuid default null,
  p_priority integer default 0,
  p_run_at timestamptz default now(),
  p_max_attempts integer default 5,
  p_dedupe_key text default null
)
returns bigint
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_id bigint;
begin
  loop
    insert into private.jobs
      (queue, kind, payload, organization_id, priority, run_at, max_attempts, dedupe_key)
    values (
      p_queue, p_kind, p_payload, p_organization_id, p_priority, p_run_at, p_max_attempts,
      p_dedupe_key
    )
    on conflict (queue, dedupe_key) where dedupe_key is not null do nothing
    returning id into v_id;
    exit when v_id is not null;

    select jobs.id into v_id
    from private.jobs
    where jobs.queue = p_queue
      and jobs.dedupe_key = p_dedupe_key;
    exit when v_id is not null;
    -- The other job ended in between; the key is free again.
  end loop;
  return v_id;
end;
$$;

-- Puts many jobs of one kind into a queue in one statement. Arrays run in parallel: the n-th
-- payload has the n-th organization and dedupe key; an array left out means null for all. Returns
-- the number added: jobs whose dedupe key is taken are left out.
create function private.enqueue_jobs(
  p_queue text,
  p_kind text,
  p_payloads jsonb[],
  p_organization_ids uuid[] default null,
  p_priority integer default 0,
  p_run_at timestamptz default now(),
  p_max_attempts integer default 5,
  p_dedupe_keys text[] default null
)
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_count integer;
begin
  if cardinality(p_organization_ids) <> cardinality(p_payloads)
    or cardinality(p_dedupe_keys) <> cardinality(p_payloads)
  then
    raise sqlstate 'PT400' using
      message = 'Cannot enqueue jobs: the arrays differ in length',
      detail = 'array_lengths_differ',
      hint = 'Give one organization and one dedupe key per payload, or leave the array out.';
  end if;

  insert into private.jobs
    (queue, kind, payload, organization_id, priority, run_at, max_attempts, dedupe_key)
  select
    p_queue,
    p_kind,
    job.payload,
    job.organization_id,
    p_priority,
    p_run_at,
    p_max_attempts,
    job.dedupe_key
  from unnest(p_payloads, p_organization_ids, p_dedupe_keys)
    with ordinality as job (payload, organization_id, dedupe_key, place)
  order by job.place
  on conflict (queue, dedupe_key) where dedupe_key is not null do nothing;

  get diagnostics v_count = row_count;
  return v_count;
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
create function private.claim_jobs(
  p_queue text,
  p_limit integer default 1,
  p_lease_seconds integer default 60,
  p_worker text default null
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
  v_may_wait boolean := true;
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
      return query
        select
          jobs.id, jobs.kind, jobs.organization_id, jobs.payload, jobs.attempts::integer,
          jobs.max_attempts::integer, jobs.lease_token, jobs.leased_until
        from private.claim_jobs(p_queue, 1, p_lease_seconds, p_worker) as jobs;
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

-- The service's way in, for workers that are functions. None of it is for people, whatever they
-- hold.

create function public.enqueue_job(
  p_queue text,
  p_kind text,
  p_payload jsonb default '{}',
  p_organization_id uuid default null,
  p_priority integer default 0,
  p_run_at timestamptz default now(),
  p_max_attempts integer default 5,
  p_dedupe_key text default null
)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.enqueue_job(
    p_queue, p_kind, p_payload, p_organization_id, p_priority, p_run_at, p_max_attempts,
    p_dedupe_key
  );
end;
$$;

create function public.enqueue_jobs(
  p_queue text,
  p_kind text,
  p_payloads jsonb[],
  p_organization_ids uuid[] default null,
  p_priority integer default 0,
  p_run_at timestamptz default now(),
  p_max_attempts integer default 5,
  p_dedupe_keys text[] default null
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.enqueue_jobs(
    p_queue, p_kind, p_payloads, p_organization_ids, p_priority, p_run_at, p_max_attempts,
    p_dedupe_keys
  );
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

comment on function public.enqueue_job(
  text, text, jsonb, uuid, integer, timestamptz, integer, text
) is
  'Puts a job into a queue and returns its id; the id of the job that has the dedupe key, when '
  'there is one. Error: job_invalid.';
comment on function public.enqueue_jobs(
  text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]
) is
  'Puts many jobs of one kind into a queue: the n-th payload has the n-th organization and dedupe '
  'key. Returns how many were added. Errors: job_invalid, array_lengths_differ.';
comment on function public.claim_jobs(text, integer, integer, text) is
  'Leases due jobs to a worker: higher priority first, then run_at, then id. Present the '
  'lease_token with each result. Errors: limit_invalid, lease_seconds_invalid.';
comment on function public.complete_job(bigint, bigint) is
  'Ends a leased job whose result is recorded. Error: lease_lost.';
comment on function public.complete_jobs(bigint[], bigint[]) is
  'Ends many leased jobs, the n-th id with the n-th token, and returns the ids that ended. For '
  'the others the lease is lost.';
comment on function public.complete_and_claim_job(bigint, bigint, text, integer, text) is
  'Ends a leased job, if one is given, and leases the next one of a queue, in one commit. '
  'Errors: lease_lost (then nothing is claimed), lease_seconds_invalid.';
comment on function public.extend_job(bigint, bigint, integer) is
  'Lengthens a lease, counted from now, and returns its new end. Errors: lease_lost, '
  'lease_seconds_invalid.';
comment on function public.release_job(bigint, bigint) is
  'Hands a leased job back: it is due again at once, and the attempt does not count. Error: '
  'lease_lost.';

revoke execute on function
  private.check_job(),
  private.job_backoff(integer),
  private.raise_lease_lost(bigint),
  private.raise_lease_seconds_invalid(),
  private.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  private.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]),
  private.jobs_within_share(text, integer, bigint[], uuid[], boolean),
  private.lock_jobs_past_full_organizations(text, integer, integer, integer),
  private.claim_jobs(text, integer, integer, text),
  private.claim_job(text, integer, text, bigint, bigint),
  private.hold_lease(bigint, bigint),
  private.complete_job(bigint, bigint),
  private.complete_jobs(bigint[], bigint[]),
  private.extend_job(bigint, bigint, integer),
  private.release_job(bigint, bigint),
  private.queues_with_work(),
  public.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  public.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]),
  public.claim_jobs(text, integer, integer, text),
  public.complete_job(bigint, bigint),
  public.complete_jobs(bigint[], bigint[]),
  public.complete_and_claim_job(bigint, bigint, text, integer, text),
  public.extend_job(bigint, bigint, integer),
  public.release_job(bigint, bigint)
from public;

grant execute on function
  private.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  private.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]),
  private.claim_jobs(text, integer, integer, text),
  private.claim_job(text, integer, text, bigint, bigint),
  private.complete_job(bigint, bigint),
  private.complete_jobs(bigint[], bigint[]),
  private.extend_job(bigint, bigint, integer),
  private.release_job(bigint, bigint),
  public.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  public.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]),
  public.claim_jobs(text, integer, integer, text),
  public.complete_job(bigint, bigint),
  public.complete_jobs(bigint[], bigint[]),
  public.complete_and_claim_job(bigint, bigint, text, integer, text),
  public.extend_job(bigint, bigint, integer),
  public.release_job(bigint, bigint)
to service_role;
-- Neither authenticated nor anon: what people may start has its own functions, which check who
-- asks.
