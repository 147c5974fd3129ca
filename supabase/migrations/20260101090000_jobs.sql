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

grant execute on function
  private.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  private.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[]),
  public.enqueue_job(text, text, jsonb, uuid, integer, timestamptz, integer, text),
  public.enqueue_jobs(text, text, jsonb[], uuid[], integer, timestamptz, integer, text[])
to service_role;
-- Neither authenticated nor anon: what people may start has its own functions, which check who
-- asks.
