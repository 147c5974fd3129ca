-- Task steps: what a multi-step task does, one after the other.
-- Their order has no gaps: 1, 2, 3 … That is a fact about all steps of a task together, which no
-- policy can hold for a single row. So clients read the table and change it through RPCs, which
-- lock the task. The columns from status on mirror the latest run; agent_task_run_steps keeps the
-- history.

create type public.task_step_status as enum (
  'pending', 'running', 'completed', 'failed', 'skipped'
);

create table public.task_steps (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  task_id uuid not null,
  step_order integer not null,
  step_name text not null,
  instructions text not null,
  include_previous_context boolean not null default false,
  status public.task_step_status not null default 'pending',
  execution_result jsonb,
  execution_started_at timestamptz,
  execution_completed_at timestamptz,
  execution_duration_ms integer,
  error_message text,
  retry_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint task_steps_id_organization_id_key unique (id, organization_id),
  -- Deferrable, so that one statement can move several steps past each other.
  constraint task_steps_task_id_step_order_key unique (task_id, step_order) deferrable,
  constraint task_steps_task_id_fkey
    foreign key (task_id, organization_id) references public.agent_tasks (id, organization_id)
    on delete cascade,
  constraint task_steps_step_order_check check (step_order between 1 and 100),
  constraint task_steps_step_name_check check (char_length(step_name) between 1 and 100),
  constraint task_steps_instructions_check check (char_length(instructions) between 10 and 5000),
  constraint task_steps_execution_duration_ms_check check (execution_duration_ms >= 0),
  constraint task_steps_retry_count_check check (retry_count >= 0)
);

comment on table public.task_steps is
  'The steps of a task, in gapless order, and how each went in the latest run.';
comment on column public.task_steps.step_order is 'From 1 on, without gaps, at most 100.';
comment on column public.task_steps.include_previous_context is
  'Whether the agent is given the results of the steps before.';
comment on column public.task_steps.execution_result is
  'Of the latest run: {"text", "model", "finish_reason"}.';
comment on column public.task_steps.retry_count is 'Attempts of the latest run after the first.';

create index task_steps_task_id_organization_id_idx
  on public.task_steps (task_id, organization_id);
create index task_steps_organization_id_idx on public.task_steps (organization_id);

-- step_count and is_multi_step follow the steps, whoever changes them and however many at once.
create function private.count_task_steps()
returns trigger
language plpgsql
volatile
security definer -- the columns are granted to nobody
set search_path = ''
as $$
begin
  update public.agent_tasks
  set step_count = greatest(counted.step_count, 1), is_multi_step = counted.step_count > 1
  from (
    select changed.task_id, count(task_steps.id)::integer as step_count
    from (select distinct changed_steps.task_id from changed_steps) as changed
    left join public.task_steps on task_steps.task_id = changed.task_id
    group by changed.task_id
  ) as counted
  where agent_tasks.id = counted.task_id
    and agent_tasks.step_count <> greatest(counted.step_count, 1);
  return null;
end;
$$;

create trigger _050_inherit_organization
  before insert on public.task_steps
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.agent_tasks', 'task_id');

create trigger _500_count_inserted
  after insert on public.task_steps
  referencing new table as changed_steps
  for each statement
  execute function private.count_task_steps();

create trigger _500_count_deleted
  after delete on public.task_steps
  referencing old table as changed_steps
  for each statement
  execute function private.count_task_steps();

create trigger _900_touch_updated_at
  before update on public.task_steps
  for each row
  execute function private.touch_updated_at();

alter table public.task_steps enable row level security;

create policy select_member on public.task_steps
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tasks.read'))::uuid[])
    -- The policy of agent_tasks decides which tasks there are.
    and exists (select from public.agent_tasks where agent_tasks.id = task_steps.task_id)
  );

grant select on public.task_steps to authenticated, service_role;
-- No insert, update or delete, not for the service either: they would tear gaps into the order.

-- Raises PT404 task_step_not_found unless the caller sees the step. Returns its task.
create function private.require_visible_step(p_step_id uuid)
returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_task_id uuid;
begin
  select task_steps.task_id into v_task_id
  from public.task_steps
  where task_steps.id = p_step_id;

  if v_task_id is null then
    raise sqlstate 'PT404' using
      message = 'No task step with that id',
      detail = 'task_step_not_found',
      hint = 'It may have been deleted, or belong to a task that you cannot see.';
  end if;
  return v_task_id;
end;
$$;

-- Raises PT400 for a name or instructions that the table would refuse, with a message for people.
create function private.check_task_step(p_step_name text, p_instructions text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_step_name is null or char_length(p_step_name) not between 1 and 100 then
    raise sqlstate 'PT400' using
      message = 'The name of a step has 1 to 100 characters',
      detail = 'task_step_name_invalid',
      hint = 'Correct p_step_name.';
  elsif p_instructions is null or char_length(p_instructions) not between 10 and 5000 then
    raise sqlstate 'PT400' using
      message = 'The instructions of a step have 10 to 5000 characters',
      detail = 'task_step_instructions_invalid',
      hint = 'Correct p_instructions.';
  end if;
end;
$$;

-- Inserts a step at a position; those from there on move down. Null or a position past the end
-- appends.
create function private.create_task_step(
  p_task_id uuid,
  p_step_order integer,
  p_step_name text,
  p_instructions text,
  p_include_previous_context boolean default false
)
returns uuid
language plpgsql
volatile
security definer -- clients hold no insert grant on task_steps
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.write');
  v_count integer;
  v_order integer;
  v_id uuid;
begin
  perform private.check_task_step(p_step_name, p_instructions);

  select count(*) into v_count from public.task_steps where task_steps.task_id = p_task_id;
  v_order := least(coalesce(p_step_order, v_count + 1), v_count + 1);

  if v_order < 1 then
    raise sqlstate 'PT400' using
      message = 'Steps are counted from 1',
      detail = 'task_step_order_invalid',
      hint = 'Pass p_step_order from 1 on, or null to append.';
  elsif v_count >= 100 then
    raise sqlstate 'PT400' using
      message = 'A task has at most 100 steps',
      detail = 'task_steps_too_many',
      hint = 'Split the work into two tasks.';
  end if;

  update public.task_steps
  set step_order = task_steps.step_order + 1
  where task_steps.task_id = p_task_id
    and task_steps.step_order >= v_order;

  insert into public.task_steps (
    organization_id, task_id, step_order, step_name, instructions, include_previous_context
  )
  values (
    v_task.organization_id, p_task_id, v_order, p_step_name, p_instructions,
    coalesce(p_include_previous_context, false)
  )
  returning task_steps.id into v_id;
  return v_id;
end;
$$;

-- Changes what a step says. Null leaves a value as it is.
create function private.update_task_step(
  p_task_id uuid,
  p_step_id uuid,
  p_step_name text default null,
  p_instructions text default null,
  p_include_previous_context boolean default null
)
returns public.task_steps
language plpgsql
volatile
security definer -- clients hold no update grant on task_steps
set search_path = ''
as $$
declare
  v_step public.task_steps;
begin
  perform private.lock_task(p_task_id, 'tasks.write');

  select task_steps.* into v_step from public.task_steps where task_steps.id = p_step_id;
  v_step.step_name := coalesce(p_step_name, v_step.step_name);
  v_step.instructions := coalesce(p_instructions, v_step.instructions);
  v_step.include_previous_context :=
    coalesce(p_include_previous_context, v_step.include_previous_context);
  perform private.check_task_step(v_step.step_name, v_step.instructions);

  update public.task_steps
  set
    step_name = v_step.step_name,
    instructions = v_step.instructions,
    include_previous_context = v_step.include_previous_context
  where task_steps.id = p_step_id
  returning task_steps.* into v_step;
  return v_step;
end;
$$;

-- Deletes a step; those after it move up.
create function private.delete_task_step(p_task_id uuid, p_step_id uuid)
returns void
language plpgsql
volatile
security definer -- clients hold no delete grant on task_steps
set search_path = ''
as $$
declare
  v_order integer;
begin
  perform private.lock_task(p_task_id, 'tasks.write');

  delete from public.task_steps
  where task_steps.id = p_step_id
  returning task_steps.step_order into v_order;

  update public.task_steps
  set step_order = task_steps.step_order - 1
  where task_steps.task_id = p_task_id
    and task_steps.step_order > v_order;
end;
$$;

-- Puts all steps of a task into a new order.
create function private.reorder_task_steps(p_task_id uuid, p_step_ids uuid[])
returns setof public.task_steps
language plpgsql
volatile
security definer -- clients hold no update grant on task_steps
set search_path = ''
as $$
begin
  perform private.lock_task(p_task_id, 'tasks.write');

  if array(select unnest(p_step_ids) order by 1)
    is distinct from array(
      select task_steps.id
      from public.task_steps
      where task_steps.task_id = p_task_id
      order by task_steps.id
    )
  then
    raise sqlstate 'PT400' using
      message = 'A new order names every step of the task, and each once',
      detail = 'task_steps_mismatch',
      hint = 'Read the steps again: one may have been added or deleted meanwhile.';
  end if;

  update public.task_steps
  set step_order = array_position(p_step_ids, task_steps.id)
  where task_steps.task_id = p_task_id
    and task_steps.step_order <> array_position(p_step_ids, task_steps.id);

  return query
  select task_steps.*
  from public.task_steps
  where task_steps.task_id = p_task_id
  order by task_steps.step_order;
end;
$$;

create function public.create_task_step(
  p_task_id uuid,
  p_step_order integer,
  p_step_name text,
  p_instructions text,
  p_include_previous_context boolean default false
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return private.create_task_step(
    p_task_id, p_step_order, p_step_name, p_instructions, p_include_previous_context
  );
end;
$$;

create function public.update_task_step(
  p_step_id uuid,
  p_step_name text default null,
  p_instructions text default null,
  p_include_previous_context boolean default null
)
returns public.task_steps
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.update_task_step(
    private.require_visible_step(p_step_id),
    p_step_id, p_step_name, p_instructions, p_include_previous_context
  );
end;
$$;

create function public.delete_task_step(p_step_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.delete_task_step(private.require_visible_step(p_step_id), p_step_id);
end;
$$;

create function public.reorder_task_steps(p_task_id uuid, p_step_ids uuid[])
returns setof public.task_steps
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return query select * from private.reorder_task_steps(p_task_id, p_step_ids);
end;
$$;

comment on function public.create_task_step(uuid, integer, text, text, boolean) is
  'Inserts a step at a position and returns its id; the steps from there on move down. Null or a '
  'position past the end appends. Needs tasks.write and an own task. Errors: task_not_found, '
  'permission_denied, task_step_name_invalid, task_step_instructions_invalid, '
  'task_step_order_invalid, task_steps_too_many.';
comment on function public.update_task_step(uuid, text, text, boolean) is
  'Changes what a step says; null leaves a value as it is. Runs already made keep the old text. '
  'Needs tasks.write and an own task. Errors: task_step_not_found, permission_denied, '
  'task_step_name_invalid, task_step_instructions_invalid.';
comment on function public.delete_task_step(uuid) is
  'Deletes a step; those after it move up. Needs tasks.write and an own task. Errors: '
  'task_step_not_found, permission_denied.';
comment on function public.reorder_task_steps(uuid, uuid[]) is
  'Puts all steps of a task into a new order and returns them. Needs tasks.write and an own task. '
  'Errors: task_not_found, permission_denied, task_steps_mismatch.';

grant execute on function
  private.require_visible_step(uuid),
  private.create_task_step(uuid, integer, text, text, boolean),
  private.update_task_step(uuid, uuid, text, text, boolean),
  private.delete_task_step(uuid, uuid),
  private.reorder_task_steps(uuid, uuid[]),
  public.create_task_step(uuid, integer, text, text, boolean),
  public.update_task_step(uuid, text, text, boolean),
  public.delete_task_step(uuid),
  public.reorder_task_steps(uuid, uuid[])
to authenticated, service_role;
