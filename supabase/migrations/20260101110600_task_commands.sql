-- Task commands: what people start and end by hand, and what events start.

-- Makes one run of a locked task, or says why not. Shared by what people start by hand.
-- Errors: PT403 agent_not_runnable; PT409 run_unfinished.
create function private.start_task_by_hand(
  p_task public.agent_tasks,
  p_trigger text,
  p_payload jsonb default '{}',
  p_retry_of_run_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run_id uuid;
begin
  if not coalesce(private.can_run_agent(p_task.agent_id, p_task.user_id), false) then
    raise sqlstate 'PT403' using
      message = 'The user for whom the task runs may not run its agent',
      detail = 'agent_not_runnable',
      hint = 'The user needs sight of the agent and agents.run; the agent must be on.';
  end if;

  select created.run_id
  into v_run_id
  from private.create_task_runs(
    p_task_ids => array[p_task.id],
    p_trigger => p_trigger,
    p_payload => p_payload,
    p_requested_by_user_id => (
      select profiles.id from public.profiles where profiles.id = (select auth.uid())
    ),
    p_retry_of_run_id => p_retry_of_run_id
  ) as created;

  if v_run_id is null then
    raise sqlstate 'PT409' using
      message = 'Another run of the task is not finished yet',
      detail = 'run_unfinished',
      hint = 'Wait, cancel it, or choose another overlap_policy than skip (at most 100 runs wait).';
  end if;
  return v_run_id;
end;
$$;

-- Runs a task now, by its overlap policy. A paused task can be tried out; a finished one cannot run
-- again.
-- Errors: PT403 permission_denied, agent_not_runnable; PT409 task_not_active, task_exhausted,
-- run_unfinished.
create function private.run_task_now(p_task_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.run', true);
  v_run public.agent_task_runs;
  v_run_id uuid;
begin
  if v_task.status not in ('active', 'paused') then
    raise sqlstate 'PT409' using
      message = format('A task that is %s cannot be run', v_task.status),
      detail = 'task_not_active',
      hint = 'Resume the task first, or create a new one.';
  elsif v_task.total_executions >= v_task.max_executions then
    raise sqlstate 'PT409' using
      message = format('The task has had all its %s runs', v_task.max_executions),
      detail = 'task_exhausted',
      hint = 'Raise max_executions.';
  end if;

  v_run_id := private.start_task_by_hand(v_task, 'manual');

  update public.agent_tasks
  set
    total_executions = agent_tasks.total_executions + 1,
    last_run_at = now(),
    next_run_at = case
      when agent_tasks.total_executions + 1 < agent_tasks.max_executions
        or agent_tasks.max_executions is null
      then agent_tasks.next_run_at
    end
  where agent_tasks.id = p_task_id;

  select agent_task_runs.* into v_run
  from public.agent_task_runs
  where agent_task_runs.id = v_run_id;
  return v_run;
end;
$$;

-- Starts the active event-based tasks of an organization that wait for an event. Returns how many.
-- Needs tasks.run. Errors: PT400 event_invalid; PT403 permission_denied; PT413
-- event_payload_too_large.
create function private.emit_event(
  p_name text,
  p_payload jsonb default '{}',
  p_organization_id uuid default null
)
returns integer
language plpgsql
volatile
security definer -- an event starts tasks that whoever emits it may not see
set search_path = ''
as $$
declare
  v_organization_id constant uuid :=
    coalesce(p_organization_id, private.current_organization_id());
  v_task_ids uuid[];
  v_created_task_ids uuid[];
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(v_organization_id = any (private.organizations_with('tasks.run')), false)
  then
    raise sqlstate 'PT403' using
      message = 'You may not emit events in this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission tasks.run.';
  elsif v_organization_id is null
    or p_name is null
    or char_length(p_name) not between 1 and 200
    or jsonb_typeof(coalesce(p_payload, '{}')) <> 'object'
  then
    raise sqlstate 'PT400' using
      message = 'An event takes an organization, a name of 1 to 200 characters and an object',
      detail = 'event_invalid',
      hint = 'Check p_organization_id, p_name and p_payload.';
  elsif octet_length(p_payload::text) > 65536 then
    raise sqlstate 'PT413' using
      message = 'The payload of an event has at most 64 kB',
      detail = 'event_payload_too_large',
      hint = 'Pass a reference to the data instead of the data.';
  end if;

  select array_agg(waiting.id)
  into v_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.organization_id = v_organization_id
      and agent_tasks.event_name = p_name
      and agent_tasks.status = 'active'
      and agent_tasks.task_type = 'event_based'
      and (
        agent_tasks.start_date is null
        or agent_tasks.start_date <= (now() at time zone agent_tasks.timezone)::date
      )
      and (
        agent_tasks.end_date is null
        or agent_tasks.end_date >= (now() at time zone agent_tasks.timezone)::date
      )
    order by agent_tasks.id
    for update
  ) as waiting;

  if v_task_ids is null then
    return 0;
  end if;

  select coalesce(array_agg(created.task_id), '{}')
  into v_created_task_ids
  from private.create_task_runs(
    p_task_ids => v_task_ids,
    p_trigger => 'event',
    p_payload => coalesce(p_payload, '{}'),
    p_event_name => p_name,
    p_requested_by_user_id => (
      select profiles.id from public.profiles where profiles.id = (select auth.uid())
    )
  ) as created;

  update public.agent_tasks
  set
    total_executions = agent_tasks.total_executions
      + (agent_tasks.id = any (v_created_task_ids))::integer,
    skipped_executions = agent_tasks.skipped_executions
      + (agent_tasks.id <> all (v_created_task_ids))::integer,
    last_run_at = case
      when agent_tasks.id = any (v_created_task_ids) then now()
      else agent_tasks.last_run_at
    end
  where agent_tasks.id = any (v_task_ids);

  return cardinality(v_created_task_ids);
end;
$$;

-- Raises PT404 run_not_found unless the caller sees the run. Returns its task.
create function private.require_visible_run(p_run_id uuid)
returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_task_id uuid;
begin
  select agent_task_runs.task_id into v_task_id
  from public.agent_task_runs
  where agent_task_runs.id = p_run_id;

  if v_task_id is null then
    raise sqlstate 'PT404' using
      message = 'No run with that id',
      detail = 'run_not_found',
      hint = 'It may have been deleted with its task, or belong to a task that you cannot see.';
  end if;
  return v_task_id;
end;
$$;

-- Ends a run that is not finished; the next waiting run of the task gets its turn.
-- Errors: PT403 permission_denied; PT409 run_finished.
create function private.cancel_task_run(p_task_id uuid, p_run_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run public.agent_task_runs;
begin
  perform private.lock_task(p_task_id, 'tasks.run', true);

  select agent_task_runs.* into v_run
  from public.agent_task_runs
  where agent_task_runs.id = p_run_id;

  if v_run.status not in ('pending', 'running') then
    raise sqlstate 'PT409' using
      message = format('A run that is %s cannot be cancelled', v_run.status),
      detail = 'run_finished',
      hint = 'Only a pending or running run can be cancelled.';
  end if;

  perform private.cancel_task_runs(array[p_run_id], 'Cancelled by a user.');
  perform private.continue_task(p_task_id);

  select agent_task_runs.* into v_run
  from public.agent_task_runs
  where agent_task_runs.id = p_run_id;
  return v_run;
end;
$$;

-- Repeats a failed or cancelled run from where it stopped: the steps are those it was made with,
-- and those it completed keep their results. The agent is the task's present one.
-- Errors: PT403 permission_denied, agent_not_runnable; PT409 run_not_retryable, run_unfinished.
create function private.retry_task_run(p_task_id uuid, p_run_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_task public.agent_tasks := private.lock_task(p_task_id, 'tasks.run', true);
  v_run public.agent_task_runs;
  v_new_run_id uuid;
begin
  select agent_task_runs.* into v_run
  from public.agent_task_runs
  where agent_task_runs.id = p_run_id;

  if v_run.status not in ('failed', 'cancelled') then
    raise sqlstate 'PT409' using
      message = format('A run that is %s cannot be retried', v_run.status),
      detail = 'run_not_retryable',
      hint = 'Only a failed or cancelled run can be retried.';
  end if;

  v_new_run_id := private.start_task_by_hand(v_task, 'retry', v_run.payload, p_run_id);

  insert into public.agent_task_run_steps (
    organization_id, run_id, task_step_id, step_order, step_name, instructions,
    include_previous_context, status, result, execution_started_at, execution_completed_at,
    execution_duration_ms
  )
  select
    earlier.organization_id,
    v_new_run_id,
    earlier.task_step_id,
    earlier.step_order,
    earlier.step_name,
    earlier.instructions,
    earlier.include_previous_context,
    case when earlier.status = 'completed' then earlier.status else 'pending' end,
    case when earlier.status = 'completed' then earlier.result end,
    case when earlier.status = 'completed' then earlier.execution_started_at end,
    case when earlier.status = 'completed' then earlier.execution_completed_at end,
    case when earlier.status = 'completed' then earlier.execution_duration_ms end
  from public.agent_task_run_steps as earlier
  where earlier.run_id = p_run_id;

  update public.agent_task_runs
  set
    event_name = v_run.event_name,
    step_count = v_run.step_count,
    completed_step_count = v_run.completed_step_count
  where agent_task_runs.id = v_new_run_id
  returning agent_task_runs.* into v_run;

  update public.agent_tasks set last_run_at = now() where agent_tasks.id = p_task_id;
  return v_run;
end;
$$;

-- A task that is stopped for good stops what it has begun.
create function private.cancel_runs_of_cancelled_task()
returns trigger
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
begin
  perform private.cancel_task_runs(
    array(
      select agent_task_runs.id
      from public.agent_task_runs
      where agent_task_runs.task_id = new.id
        and agent_task_runs.status in ('pending', 'running')
    ),
    'The task was cancelled.'
  );
  return null;
end;
$$;

create trigger _500_cancel_runs
  after update of status on public.agent_tasks
  for each row
  when (new.status = 'cancelled' and old.status <> 'cancelled')
  execute function private.cancel_runs_of_cancelled_task();

create function public.run_task_now(p_task_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.require_visible_task(p_task_id);
  return private.run_task_now(p_task_id);
end;
$$;

create function public.emit_event(
  p_name text,
  p_payload jsonb default '{}',
  p_organization_id uuid default null
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.emit_event(p_name, p_payload, p_organization_id);
$$;

create function public.cancel_task_run(p_run_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.cancel_task_run(private.require_visible_run(p_run_id), p_run_id);
end;
$$;

create function public.retry_task_run(p_run_id uuid)
returns public.agent_task_runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.retry_task_run(private.require_visible_run(p_run_id), p_run_id);
end;
$$;

comment on function public.run_task_now(uuid) is
  'Runs a task now, by its overlap policy, and returns the run. Needs tasks.run on an own task, '
  'or tasks.manage. Errors: task_not_found, permission_denied, agent_not_runnable, '
  'task_not_active, task_exhausted, run_unfinished.';
comment on function public.emit_event(text, jsonb, uuid) is
  'Starts the active event-based tasks of an organization (default: the current one) that wait '
  'for an event; returns how many. Needs tasks.run. Errors: permission_denied, event_invalid, '
  'event_payload_too_large.';
comment on function public.cancel_task_run(uuid) is
  'Ends a run that is not finished. Needs tasks.run on an own task, or tasks.manage. Errors: '
  'run_not_found, permission_denied, run_finished.';
comment on function public.retry_task_run(uuid) is
  'Repeats a failed or cancelled run from the step it stopped at, as a new run. Needs tasks.run '
  'on an own task, or tasks.manage. Errors: run_not_found, permission_denied, agent_not_runnable, '
  'run_not_retryable, run_unfinished.';

grant execute on function
  private.require_visible_run(uuid),
  private.run_task_now(uuid),
  private.emit_event(text, jsonb, uuid),
  private.cancel_task_run(uuid, uuid),
  private.retry_task_run(uuid, uuid),
  public.run_task_now(uuid),
  public.emit_event(text, jsonb, uuid),
  public.cancel_task_run(uuid),
  public.retry_task_run(uuid)
to authenticated, service_role;
