-- Agent task runs: one row each time a task is done, with the steps it started with.
-- A run is worked on through a job of the queue "tasks", found by its dedupe key: the run's id. A
-- run that waits for its turn has no job yet (enqueued_at is null).

create table public.agent_task_runs (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  task_id uuid not null,
  agent_id uuid,
  user_id uuid references public.profiles (id) on delete set null,
  requested_by_user_id uuid references public.profiles (id) on delete set null,
  retry_of_run_id uuid,
  status text not null default 'pending',
  trigger text not null,
  scheduled_for timestamptz,
  event_name text,
  payload jsonb not null default '{}',
  step_count integer not null default 1,
  completed_step_count integer not null default 0,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  cost_usd numeric(16, 8) not null default 0,
  error_message text,
  correlation_id text,
  enqueued_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  duration_ms integer,
  -- The wall clock, so that runs of one transaction keep their order.
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default now(),

  constraint agent_task_runs_id_organization_id_key unique (id, organization_id),
  constraint agent_task_runs_task_id_fkey
    foreign key (task_id, organization_id) references public.agent_tasks (id, organization_id)
    on delete cascade,
  constraint agent_task_runs_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete set null (agent_id),
  constraint agent_task_runs_retry_of_run_id_fkey
    foreign key (retry_of_run_id, organization_id)
    references public.agent_task_runs (id, organization_id)
    on delete set null (retry_of_run_id),
  constraint agent_task_runs_status_check
    check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  constraint agent_task_runs_trigger_check
    check (trigger in ('schedule', 'manual', 'event', 'retry', 'catch_up')),
  constraint agent_task_runs_schedule_is_dated_check
    check ((trigger in ('schedule', 'catch_up')) = (scheduled_for is not null)),
  constraint agent_task_runs_payload_check
    check (jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 65536),
  constraint agent_task_runs_steps_check
    check (step_count >= 1 and completed_step_count between 0 and step_count),
  constraint agent_task_runs_usage_check
    check (prompt_tokens >= 0 and completion_tokens >= 0 and cost_usd >= 0),
  constraint agent_task_runs_running_is_started_check
    check (status <> 'running' or (started_at is not null and enqueued_at is not null)),
  constraint agent_task_runs_end_is_dated_check
    check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  constraint agent_task_runs_duration_ms_check check (duration_ms >= 0)
);

comment on table public.agent_task_runs is
  'One row each time a task is done. Written by the engine alone; followed live through Realtime.';
comment on column public.agent_task_runs.agent_id is
  'Who does it. Null once that agent was deleted and the task had gone to another.';
comment on column public.agent_task_runs.user_id is
  'For whom it is done: the task''s user when the run was made.';
comment on column public.agent_task_runs.requested_by_user_id is
  'Who asked for it by hand, by an event or as a retry; null for the schedule.';
comment on column public.agent_task_runs.retry_of_run_id is
  'The run whose completed steps this one took over.';
comment on column public.agent_task_runs.trigger is
  'catch_up: a run that was missed and is made up for.';
comment on column public.agent_task_runs.scheduled_for is
  'The instant of the schedule that it stands for.';
comment on column public.agent_task_runs.payload is 'What came with the event, at most 64 kB.';
comment on column public.agent_task_runs.completed_step_count is
  'Taken over from a retried run included.';
comment on column public.agent_task_runs.error_message is
  'Why it failed or was cancelled; after a completed run, why its result could not be posted.';
comment on column public.agent_task_runs.enqueued_at is
  'When it was given to the workers; null while it waits for an earlier run of the task.';
comment on column public.agent_task_runs.duration_ms is 'From started_at to completed_at.';

-- An occurrence of a schedule is dispatched once, whatever happens.
create unique index agent_task_runs_task_id_scheduled_for_key
  on public.agent_task_runs (task_id, scheduled_for)
  where scheduled_for is not null;
create index agent_task_runs_unfinished_idx
  on public.agent_task_runs (task_id)
  where status in ('pending', 'running');
create index agent_task_runs_task_id_organization_id_created_at_idx
  on public.agent_task_runs (task_id, organization_id, created_at desc);
create index agent_task_runs_organization_id_created_at_idx
  on public.agent_task_runs (organization_id, created_at desc);
create index agent_task_runs_agent_id_organization_id_idx
  on public.agent_task_runs (agent_id, organization_id);
create index agent_task_runs_user_id_idx on public.agent_task_runs (user_id);
create index agent_task_runs_requested_by_user_id_idx
  on public.agent_task_runs (requested_by_user_id)
  where requested_by_user_id is not null;
create index agent_task_runs_retry_of_run_id_organization_id_idx
  on public.agent_task_runs (retry_of_run_id, organization_id)
  where retry_of_run_id is not null;

-- Takes the jobs of runs out of the queue. A job that a worker is just locking stays, and finds no
-- run.
create function private.remove_task_run_jobs(p_run_ids uuid[], p_also_leased boolean)
returns void
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  delete from private.jobs
  where jobs.id in (
    select removed.id
    from private.jobs as removed
    where removed.queue = 'tasks'
      and removed.dedupe_key = any (p_run_ids::text[])
      and (p_also_leased or removed.leased_until is null)
    for update skip locked
  );
end;
$$;

create function private.forget_deleted_task_runs()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes a task cannot reach the queue
set search_path = ''
as $$
declare
  v_run_ids constant uuid[] := array(select deleted.id from deleted);
begin
  perform private.remove_task_run_jobs(v_run_ids, true);

  delete from private.dead_jobs
  where dead_jobs.queue = 'tasks'
    and dead_jobs.dedupe_key = any (v_run_ids::text[]);
  return null;
end;
$$;

create trigger _500_forget_deleted
  after delete on public.agent_task_runs
  referencing old table as deleted
  for each statement
  execute function private.forget_deleted_task_runs();

create trigger _900_touch_updated_at
  before update on public.agent_task_runs
  for each row
  execute function private.touch_updated_at();

alter table public.agent_task_runs enable row level security;

create policy select_member on public.agent_task_runs
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tasks.read'))::uuid[])
    -- The policy of agent_tasks decides which tasks there are.
    and exists (select from public.agent_tasks where agent_tasks.id = agent_task_runs.task_id)
  );

grant select on public.agent_task_runs to authenticated, service_role;
-- No insert, update or delete, not for the service either: a run and its job are made and ended
-- together.
