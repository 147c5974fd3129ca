-- Agent tasks: work that an agent does for a user, by a cron expression, on an event, or by hand.
-- The schedule is the database's: next_run_at is right the moment a row is written, and what a
-- client cannot know (counters, the next run, the last error) it cannot write.
-- A run acts for the task's user. So only that user says what a task does; whoever holds
-- tasks.manage may pause it, delete it, or take it over, and then it acts for them.

create type public.task_type as enum ('scheduled', 'event_based');
create type public.task_status as enum ('active', 'paused', 'completed', 'failed', 'cancelled');

create table public.agent_tasks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  agent_id uuid not null,
  name text not null,
  description text,
  task_type public.task_type not null default 'scheduled',
  status public.task_status not null default 'active',
  instructions text,
  is_multi_step boolean not null default false,
  step_count integer not null default 1,
  cron_expression text,
  timezone text not null default 'UTC',
  next_run_at timestamptz,
  start_date date,
  end_date date,
  max_executions integer,
  total_executions integer not null default 0,
  skipped_executions integer not null default 0,
  event_name text,
  overlap_policy text not null default 'skip',
  misfire_policy text not null default 'run_once',
  target_conversation_id uuid,
  last_run_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint agent_tasks_id_organization_id_key unique (id, organization_id),
  -- Whoever leaves the organization leaves their tasks behind, to those who hold tasks.manage.
  constraint agent_tasks_user_id_organization_id_fkey foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete set null (user_id),
  constraint agent_tasks_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete cascade,
  constraint agent_tasks_target_conversation_id_fkey
    foreign key (target_conversation_id, organization_id)
    references public.chat_channels (id, organization_id)
    on delete set null (target_conversation_id),
  constraint agent_tasks_name_check check (char_length(name) between 1 and 200),
  constraint agent_tasks_description_check check (char_length(description) <= 5000),
  constraint agent_tasks_instructions_check check (char_length(instructions) between 1 and 20000),
  constraint agent_tasks_steps_check
    check (step_count >= 1 and is_multi_step = (step_count > 1)),
  constraint agent_tasks_dates_check check (start_date <= end_date),
  constraint agent_tasks_executions_check check (
    max_executions >= 1 and total_executions >= 0 and skipped_executions >= 0
  ),
  constraint agent_tasks_event_name_check check (char_length(event_name) between 1 and 200),
  constraint agent_tasks_event_is_named_check
    check (task_type <> 'event_based' or event_name is not null),
  constraint agent_tasks_overlap_policy_check
    check (overlap_policy in ('skip', 'queue', 'replace', 'allow')),
  constraint agent_tasks_misfire_policy_check
    check (misfire_policy in ('skip', 'run_once', 'catch_up')),
  constraint agent_tasks_next_run_is_active_check
    check (next_run_at is null or (status = 'active' and task_type = 'scheduled'))
);

comment on table public.agent_tasks is
  'Work that an agent does for a user: on a schedule, on an event, or by hand.';
comment on column public.agent_tasks.user_id is
  'For whom it runs; a run needs this user to be an active member who may run the agent. Null '
  'once the user has left, which pauses the task.';
comment on column public.agent_tasks.instructions is
  'What the agent is told when the task has no steps, and the introduction when it has.';
comment on column public.agent_tasks.step_count is
  'Kept by the database: the number of task_steps, and 1 for a task without any, which runs as '
  'one step.';
comment on column public.agent_tasks.cron_expression is
  'Five fields or a nickname, read in timezone. Null: the task runs by hand only.';
comment on column public.agent_tasks.next_run_at is
  'Kept by the database. Null when the task is not due again.';
comment on column public.agent_tasks.start_date is 'The first day it may run, in timezone.';
comment on column public.agent_tasks.end_date is 'The last day it may run, in timezone, inclusive.';
comment on column public.agent_tasks.max_executions is
  'After so many runs the task is completed. Retries do not count.';
comment on column public.agent_tasks.total_executions is
  'Runs so far, counted when they are made. Kept by the database.';
comment on column public.agent_tasks.skipped_executions is
  'Runs that were due and left out, by the overlap or the misfire policy. Kept by the database.';
comment on column public.agent_tasks.event_name is 'The event that starts it: see emit_event().';
comment on column public.agent_tasks.overlap_policy is
  'When a run is due while another is unfinished. skip: it is left out; queue: it waits; replace: '
  'the unfinished are cancelled; allow: both run.';
comment on column public.agent_tasks.misfire_policy is
  'When nothing dispatched for more than a minute. skip: what was missed is left out; run_once: '
  'one run stands for all; catch_up: each is made up for, one after the other.';
comment on column public.agent_tasks.target_conversation_id is
  'The channel in which the agent posts the last result of a run.';
comment on column public.agent_tasks.last_error is
  'Why the last run failed, or why the schedule stopped; null after a run that completed.';

-- What the dispatcher reads.
create index agent_tasks_next_run_at_idx
  on public.agent_tasks (next_run_at)
  where status = 'active';
create index agent_tasks_organization_id_created_at_idx
  on public.agent_tasks (organization_id, created_at desc);
create index agent_tasks_organization_id_event_name_idx
  on public.agent_tasks (organization_id, event_name)
  where status = 'active' and task_type = 'event_based';
-- For private.complete_ended_tasks(): those whose schedule will not bring them up again.
create index agent_tasks_end_date_idx
  on public.agent_tasks (end_date)
  where status = 'active' and next_run_at is null and end_date is not null;
create index agent_tasks_user_id_organization_id_idx
  on public.agent_tasks (user_id, organization_id);
create index agent_tasks_agent_id_organization_id_idx
  on public.agent_tasks (agent_id, organization_id);
create index agent_tasks_target_conversation_id_organization_id_idx
  on public.agent_tasks (target_conversation_id, organization_id);

-- The first instant of a day in a time zone. Where midnight comes twice, the first of both.
create function private.start_of_day(p_date date, p_timezone text)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_midnight constant timestamptz := p_date::timestamp at time zone p_timezone;
begin
  if ((v_midnight - interval '1 hour') at time zone p_timezone)::date = p_date then
    return v_midnight - interval '1 hour';
  end if;
  return v_midnight;
end;
$$;

-- When a schedule is due next after p_after, within its dates, which are days in its time zone,
-- both inclusive. Null when never. Errors: PT400 cron_expression_invalid, PT400 timezone_unknown.
create function private.next_task_run_at(
  p_cron_expression text,
  p_timezone text,
  p_start_date date,
  p_end_date date,
  p_after timestamptz
)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_next timestamptz;
begin
  v_next := public.next_cron_occurrence(
    p_cron_expression,
    p_timezone,
    greatest(
      p_after, private.start_of_day(p_start_date, p_timezone) - interval '1 microsecond'
    )
  );
  if p_end_date is null or (v_next at time zone p_timezone)::date <= p_end_date then
    return v_next;
  end if;
  return null;
end;
$$;

-- A client chooses an agent it may run and a channel it may write in, and cannot declare a task
-- finished. The service and the RPCs, which check for themselves, are not held up.
create function private.check_agent_task()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and old.status = 'cancelled' and new.status <> 'cancelled' then
    raise sqlstate 'PT409' using
      message = 'A cancelled task cannot be continued',
      detail = 'task_cancelled',
      hint = 'Create a new task.';
  end if;

  if current_user <> 'authenticated' then
    return new;
  end if;

  if (tg_op = 'INSERT' and new.status not in ('active', 'paused'))
    or (
      tg_op = 'UPDATE'
      and new.status <> old.status
      and new.status not in ('active', 'paused', 'cancelled')
    )
  then
    raise sqlstate 'PT400' using
      message = format('A task cannot be set to %s', new.status),
      detail = 'task_status_invalid',
      hint = 'Choose active, paused or, later, cancelled; the database finds the others itself.';
  end if;

  if (tg_op = 'INSERT' or new.agent_id <> old.agent_id)
    and not private.can_run_agent(new.agent_id, (select auth.uid()))
  then
    raise sqlstate 'PT403' using
      message = 'You may not run that agent',
      detail = 'agent_not_runnable',
      hint = 'It takes an active agent that you can see, and the permission agents.run.';
  end if;

  if new.target_conversation_id is not null
    and (
      tg_op = 'INSERT' or new.target_conversation_id is distinct from old.target_conversation_id
    )
    and not exists (
      -- Row-level security leaves the channels that the caller can read.
      select
      from public.chat_channels
      where chat_channels.id = new.target_conversation_id
        and chat_channels.workspace_id = any (private.workspaces_with('messages.write'))
    )
  then
    raise sqlstate 'PT403' using
      message = 'You may not write in that channel',
      detail = 'channel_not_writable',
      hint = 'Choose a channel that you can read, in a workspace where you hold messages.write.';
  end if;

  return new;
end;
$$;

-- Keeps next_run_at, and refuses a schedule that cannot be read or will never be due.
create function private.schedule_agent_task()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_is_active boolean;
  v_keeps_pace boolean;
begin
  -- Only what is new is judged: a zone that went out of use must not keep its task from being
  -- stopped.
  if tg_op = 'INSERT' or new.timezone <> old.timezone then
    perform private.assert_timezone(new.timezone);
  end if;
  if new.cron_expression is not null
    and (tg_op = 'INSERT' or new.cron_expression is distinct from old.cron_expression)
  then
    perform private.assert_cron_expression(new.cron_expression);
  end if;
  if new.task_type = 'event_based' and new.event_name is null then
    raise sqlstate 'PT400' using
      message = 'An event-based task needs the name of its event',
      detail = 'task_event_missing',
      hint = 'Set event_name.';
  end if;

  -- Nobody is left for whom it could run.
  if tg_op = 'UPDATE' and new.user_id is null and old.user_id is not null
    and new.status = 'active'
  then
    new.status := 'paused';
    new.last_error := 'The user for whom the task ran has left the organization.';
  end if;

  v_is_active := new.status = 'active' and new.task_type = 'scheduled'
    and new.cron_expression is not null;
  if not v_is_active then
    new.next_run_at := null;
    return new;
  end if;

  -- An update that leaves the rhythm alone must not jump over a run that is due right now.
  v_keeps_pace := tg_op = 'UPDATE'
    and old.next_run_at is not null
    and (old.cron_expression, old.timezone, old.start_date, old.status, old.task_type)
      is not distinct from
      (new.cron_expression, new.timezone, new.start_date, new.status, new.task_type);

  new.next_run_at := case
    when new.total_executions >= new.max_executions then null
    when not v_keeps_pace then
      private.next_task_run_at(
        new.cron_expression, new.timezone, new.start_date, new.end_date, now()
      )
    when new.end_date < (old.next_run_at at time zone new.timezone)::date then null
    else old.next_run_at
  end;

  if new.next_run_at is null then
    if tg_op = 'INSERT' or old.status <> 'active' then
      raise sqlstate 'PT400' using
        message = 'The task would never run',
        detail = 'task_never_due',
        hint = 'Check cron_expression, start_date, end_date and max_executions.';
    end if;
    new.status := 'completed';
  end if;
  return new;
end;
$$;

create trigger _050_inherit_organization
  before insert on public.agent_tasks
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.agents', 'agent_id');

create trigger _200_check_agent_task
  before insert or update of agent_id, target_conversation_id, status on public.agent_tasks
  for each row
  execute function private.check_agent_task();

create trigger _300_schedule_agent_task
  before insert or update of
    task_type, status, cron_expression, timezone, start_date, end_date, max_executions, event_name,
    user_id
  on public.agent_tasks
  for each row
  execute function private.schedule_agent_task();

create trigger _900_touch_updated_at
  before update on public.agent_tasks
  for each row
  execute function private.touch_updated_at();

alter table public.agent_tasks enable row level security;

-- Whoever sees the agent sees what it is told to do; its user sees a task even when the agent was
-- hidden from them since.
create policy select_member on public.agent_tasks
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tasks.read'))::uuid[])
    and (
      user_id = (select auth.uid())
      or exists (select from public.agents where agents.id = agent_tasks.agent_id)
    )
  );

create policy insert_own on public.agent_tasks
  for insert
  to authenticated
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('tasks.write'))::uuid[])
  );

create policy update_own on public.agent_tasks
  for update
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('tasks.write'))::uuid[])
  )
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('tasks.write'))::uuid[])
  );

create policy delete_own_or_manager on public.agent_tasks
  for delete
  to authenticated
  using (
    (
      user_id = (select auth.uid())
      and organization_id = any ((select private.organizations_with('tasks.write'))::uuid[])
    )
    or organization_id = any ((select private.organizations_with('tasks.manage'))::uuid[])
  );

grant select, delete on public.agent_tasks to authenticated;
grant insert (
  id, organization_id, user_id, agent_id, name, description, task_type, status, instructions,
  cron_expression, timezone, start_date, end_date, max_executions, event_name, overlap_policy,
  misfire_policy, target_conversation_id
) on public.agent_tasks to authenticated;
-- Not user_id: a task never acts for somebody who did not ask for it. See take_over_task().
grant update (
  agent_id, name, description, task_type, status, instructions, cron_expression, timezone,
  start_date, end_date, max_executions, event_name, overlap_policy, misfire_policy,
  target_conversation_id
) on public.agent_tasks to authenticated;
grant select, insert, update, delete on public.agent_tasks to service_role;
-- next_run_at, step_count, is_multi_step and the counters are granted to nobody else.

-- Raises PT404 task_not_found unless the caller sees the task: the policy above decides.
create function private.require_visible_task(p_task_id uuid)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if not exists (select from public.agent_tasks where agent_tasks.id = p_task_id) then
    raise sqlstate 'PT404' using
      message = 'No task with that id',
      detail = 'task_not_found',
      hint = 'It may have been deleted, or belong to an agent that you cannot see.';
  end if;
end;
$$;

-- Locks a task that the caller sees. They need the permission, and either the task is theirs or,
-- where p_allow_manager, they hold tasks.manage. The service may always.
-- Every change of a task, its steps and its runs begins here, so they come one after the other.
-- Errors: PT403 permission_denied; PT404 task_not_found.
create function private.lock_task(
  p_task_id uuid,
  p_permission text,
  p_allow_manager boolean default false
)
returns public.agent_tasks
language plpgsql
volatile
security definer -- locking needs the right to update, which few callers have
set search_path = ''
as $$
declare
  v_task public.agent_tasks;
begin
  select agent_tasks.* into v_task
  from public.agent_tasks
  where agent_tasks.id = p_task_id
  for update;

  if v_task.id is null then
    raise sqlstate 'PT404' using
      message = 'No task with that id',
      detail = 'task_not_found',
      hint = 'It may have been deleted.';
  end if;

  if (select auth.role()) = 'service_role'
    or (
      v_task.user_id = (select auth.uid())
      and v_task.organization_id = any (private.organizations_with(p_permission))
    )
    or (
      p_allow_manager
      and v_task.organization_id = any (private.organizations_with('tasks.manage'))
    )
  then
    return v_task;
  end if;

  raise sqlstate 'PT403' using
    message = 'You may not do that with this task',
    detail = 'permission_denied',
    hint = format(
      'It takes %s and a task of your own%s.',
      p_permission,
      case when p_allow_manager then ', or tasks.manage' else '; tasks.manage may take it over' end
    );
end;
$$;

-- Stops a task from being dispatched. Runs that were made already go on.
-- Errors: PT403 permission_denied; PT409 task_not_active.
create function private.pause_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security definer -- tasks.manage does not include the grant and policy to update
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.write', true);
begin
  if v_task.status = 'paused' then
    return v_task;
  elsif v_task.status <> 'active' then
    raise sqlstate 'PT409' using
      message = format('A task that is %s cannot be paused', v_task.status),
      detail = 'task_not_active',
      hint = 'Only an active task can be paused.';
  end if;

  update public.agent_tasks
  set status = 'paused'
  where agent_tasks.id = p_task_id
  returning agent_tasks.* into v_task;
  return v_task;
end;
$$;

-- Makes a task active again, from now on: what fell due meanwhile was not missed, and is not made
-- up for.
-- Errors: PT400 task_never_due; PT403 permission_denied; PT409 task_cancelled, task_has_no_user.
create function private.resume_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security definer -- tasks.manage does not include the grant and policy to update
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.write', true);
begin
  if v_task.status = 'active' then
    return v_task;
  elsif v_task.user_id is null then
    raise sqlstate 'PT409' using
      message = 'The task has no user for whom it could run',
      detail = 'task_has_no_user',
      hint = 'Take it over with take_over_task().';
  end if;

  update public.agent_tasks
  set status = 'active', last_error = null
  where agent_tasks.id = p_task_id
  returning agent_tasks.* into v_task;
  return v_task;
end;
$$;

-- Makes the caller the one for whom the task runs, as when its user has left. The caller needs
-- tasks.manage, and the right to run the agent.
-- Errors: PT403 permission_denied, agent_not_runnable.
create function private.take_over_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security definer -- user_id is granted to nobody
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.manage', true);
begin
  if not coalesce(private.can_run_agent(v_task.agent_id, (select auth.uid())), false) then
    raise sqlstate 'PT403' using
      message = 'You may not run that agent',
      detail = 'agent_not_runnable',
      hint = 'It takes an active agent that you can see, and the permission agents.run.';
  end if;

  update public.agent_tasks
  set user_id = (select auth.uid())
  where agent_tasks.id = p_task_id
  returning agent_tasks.* into v_task;
  return v_task;
end;
$$;

create function public.pause_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return private.pause_task(p_task_id);
end;
$$;

create function public.resume_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return private.resume_task(p_task_id);
end;
$$;

create function public.take_over_task(p_task_id uuid)
returns public.agent_tasks
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return private.take_over_task(p_task_id);
end;
$$;

comment on function public.pause_task(uuid) is
  'Stops a task from being dispatched; runs already made go on. Needs tasks.write on an own task, '
  'or tasks.manage. Errors: task_not_found, permission_denied, task_not_active.';
comment on function public.resume_task(uuid) is
  'Makes a task active again, from now on. Needs tasks.write on an own task, or tasks.manage. '
  'Errors: task_not_found, permission_denied, task_never_due, task_cancelled, task_has_no_user.';
comment on function public.take_over_task(uuid) is
  'Makes the caller the user for whom a task runs. Needs tasks.manage and an agent the caller may '
  'run. Errors: task_not_found, permission_denied, agent_not_runnable.';

-- The first two are called by the trigger, as whoever writes the task.
grant execute on function
  private.start_of_day(date, text),
  private.next_task_run_at(text, text, date, date, timestamptz),
  private.require_visible_task(uuid),
  private.pause_task(uuid),
  private.resume_task(uuid),
  private.take_over_task(uuid),
  public.pause_task(uuid),
  public.resume_task(uuid),
  public.take_over_task(uuid)
to authenticated, service_role;
