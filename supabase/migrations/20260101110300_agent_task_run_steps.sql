-- Agent task run steps: what each step of a run was told, and how it went. They are pinned when the
-- run is made, so editing a task changes no run that is under way, and the history stays true.

create table public.agent_task_run_steps (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  run_id uuid not null,
  task_step_id uuid,
  step_order integer not null,
  step_name text not null,
  instructions text not null,
  include_previous_context boolean not null default false,
  status public.task_step_status not null default 'pending',
  result jsonb,
  error_message text,
  execution_started_at timestamptz,
  execution_completed_at timestamptz,
  execution_duration_ms integer,
  retry_count integer not null default 0,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  cost_usd numeric(16, 8) not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint agent_task_run_steps_id_organization_id_key unique (id, organization_id),
  -- The organization follows from the run; it is in here so that the index serves the foreign key
  -- too.
  constraint agent_task_run_steps_run_id_organization_id_step_order_key
    unique (run_id, organization_id, step_order),
  constraint agent_task_run_steps_run_id_fkey
    foreign key (run_id, organization_id) references public.agent_task_runs (id, organization_id)
    on delete cascade,
  constraint agent_task_run_steps_task_step_id_fkey
    foreign key (task_step_id, organization_id) references public.task_steps (id, organization_id)
    on delete set null (task_step_id),
  constraint agent_task_run_steps_step_order_check check (step_order >= 1),
  constraint agent_task_run_steps_execution_duration_ms_check check (execution_duration_ms >= 0),
  constraint agent_task_run_steps_usage_check check (
    retry_count >= 0 and prompt_tokens >= 0 and completion_tokens >= 0 and cost_usd >= 0
  )
);

comment on table public.agent_task_run_steps is
  'A step of a run as it was told, and how it went. Written by the engine alone; followed live '
  'through Realtime.';
comment on column public.agent_task_run_steps.task_step_id is
  'The step it was pinned from; null once that was deleted, and for a task without steps.';
comment on column public.agent_task_run_steps.result is '{"text", "model", "finish_reason"}.';
comment on column public.agent_task_run_steps.error_message is
  'Why the latest attempt failed; kept while the next one waits.';
comment on column public.agent_task_run_steps.retry_count is 'Attempts after the first.';
comment on column public.agent_task_run_steps.cost_usd is
  'Of the attempt that counted. Every single model call is in ai_agent_tasks.';

create index agent_task_run_steps_task_step_id_organization_id_idx
  on public.agent_task_run_steps (task_step_id, organization_id);
create index agent_task_run_steps_organization_id_idx
  on public.agent_task_run_steps (organization_id);

create trigger _900_touch_updated_at
  before update on public.agent_task_run_steps
  for each row
  execute function private.touch_updated_at();

alter table public.agent_task_run_steps enable row level security;

create policy select_member on public.agent_task_run_steps
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tasks.read'))::uuid[])
    -- The policy of agent_task_runs decides which runs there are.
    and exists (
      select from public.agent_task_runs where agent_task_runs.id = agent_task_run_steps.run_id
    )
  );

grant select on public.agent_task_run_steps to authenticated, service_role;
-- No insert, update or delete: history is written by the engine.

-- The ledger of model calls knows for which step a call was made.
alter table public.ai_agent_tasks
  add constraint ai_agent_tasks_run_step_id_fkey
  foreign key (run_step_id, organization_id)
  references public.agent_task_run_steps (id, organization_id)
  on delete set null (run_step_id);
