-- Jobs in flight: those of an organization that wait or are worked on. Commands that would add one
-- are refused; the schedule leaves the tasks of an organization without room for a later turn, and
-- the others are not held up. The queue itself asks nothing: claiming and completing stay as fast
-- as they were.
--
-- The organization's row of quotas is the lock. It is taken after the task, and only where there is
-- a limit; the schedule, which works for many organizations at once, does not wait for it.

-- Holds the organization's room for so many more jobs until commit, or refuses.
-- Errors: PT429 jobs_quota_reached.
create function private.require_job_room(p_organization_id uuid, p_count integer default 1)
returns void
language plpgsql
volatile
security definer -- asked for people who may see neither the quotas nor the queue
set search_path = ''
as $$
declare
  v_limit integer;
  v_jobs bigint;
begin
  perform
  from public.organization_quotas
  where organization_quotas.organization_id = p_organization_id
    and organization_quotas.jobs_in_flight_limit is not null;

  if not found then
    return;
  end if;

  -- From here on, nobody else adds to the jobs that are counted below.
  select organization_quotas.jobs_in_flight_limit
  into v_limit
  from public.organization_quotas
  where organization_quotas.organization_id = p_organization_id
  for no key update;

  v_jobs := private.jobs_in_flight(p_organization_id);

  if v_jobs + p_count > v_limit then
    raise sqlstate 'PT429' using
      message = format('The limit of jobs in flight is %s, and %s are', v_limit, v_jobs),
      detail = 'jobs_quota_reached',
      hint = 'Try again in 10 seconds, when some may be done, or have jobs_in_flight_limit raised.';
  end if;
end;
$$;

comment on function private.require_job_room(uuid, integer) is
  'For commands, before they enqueue jobs: refuses with PT429 jobs_quota_reached what the '
  'organization has no room for.';

create function private.jobs_in_flight(p_organization_id uuid)
returns bigint
language sql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
  select count(*) from private.jobs where jobs.organization_id = p_organization_id;
$$;

comment on function private.jobs_in_flight(uuid) is
  'How many jobs of an organization wait or are worked on.';

-- Locks tasks that are due, passing by what their organizations have no room for: that stays due.
-- Who adds jobs to a limited organization meanwhile has its quotas, and is not waited for: its
-- tasks have their turn later. Room is counted as one job per task; only a task that makes up for
-- several missed runs, and lets them overlap, takes more.
create function private.lock_due_tasks(p_limit integer)
returns uuid[]
language plpgsql
volatile
security definer -- the engine alone may lock tasks of all organizations
set search_path = ''
as $$
declare
  v_limited_ids uuid[];
  v_held_ids uuid[];
  v_task_ids uuid[];
  v_more_task_ids uuid[];
begin
  select array_agg(distinct organization_quotas.organization_id)
  into v_limited_ids
  from public.organization_quotas
  join public.agent_tasks on agent_tasks.organization_id = organization_quotas.organization_id
  where organization_quotas.jobs_in_flight_limit is not null
    and agent_tasks.status = 'active'
    and agent_tasks.next_run_at <= now();

  select array_agg(due.id)
  into v_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.status = 'active'
      and agent_tasks.next_run_at <= now()
      and (v_limited_ids is null or agent_tasks.organization_id <> all (v_limited_ids))
    order by agent_tasks.next_run_at
    limit p_limit
    for update skip locked
  ) as due;

  if v_limited_ids is null then
    return v_task_ids;
  end if;

  select array_agg(held.organization_id)
  into v_held_ids
  from (
    select organization_quotas.organization_id
    from public.organization_quotas
    where organization_quotas.organization_id = any (v_limited_ids)
    for no key update skip locked
  ) as held;

  select array_agg(due.id)
  into v_more_task_ids
  from public.organization_quotas
  cross join lateral (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.organization_id = organization_quotas.organization_id
      and agent_tasks.status = 'active'
      and agent_tasks.next_run_at <= now()
    order by agent_tasks.next_run_at
    limit greatest(
      organization_quotas.jobs_in_flight_limit
        - private.jobs_in_flight(organization_quotas.organization_id),
      0
    )
  ) as due
  where organization_quotas.organization_id = any (v_held_ids);

  select array_agg(due.id)
  into v_more_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.id = any (v_more_task_ids)
      and agent_tasks.status = 'active'
      and agent_tasks.next_run_at <= now()
    order by agent_tasks.next_run_at
    limit p_limit - coalesce(cardinality(v_task_ids), 0)
    for update skip locked
  ) as due;

  return v_task_ids || v_more_task_ids;
end;
$$;

comment on function private.lock_due_tasks(integer) is
  'For private.dispatch_due_tasks(): due tasks of organizations that have room for their jobs.';

-- Makes the runs that are due, and returns their number. Set-wise: tasks with the same rhythm are
-- worked out once, and everything is written in a few statements, however many tasks there are.
create or replace function private.dispatch_due_tasks(p_limit integer default 10000)
returns integer
language plpgsql
volatile
security definer -- runs, jobs and next_run_at are written by nobody else
set search_path = ''
-- Many rows and cheap expressions: compiling the plans would cost more than running them.
set jit = off
as $$
declare
  v_task_ids uuid[];
  v_plans private.task_plan[];
  v_due_task_ids uuid[];
  v_due_instants timestamptz[];
  v_created_task_ids uuid[] := array[]::uuid[];
  v_more_task_ids uuid[];
begin
  v_task_ids := private.lock_due_tasks(p_limit);

  if v_task_ids is null then
    return 0;
  end if;

  with due as materialized (
    select agent_tasks.*
    from public.agent_tasks
    where agent_tasks.id = any (v_task_ids)
  ), rhythms as materialized (
    select rhythm.*, planned.*
    from (
      select distinct due.cron_expression, due.timezone, due.next_run_at, due.misfire_policy
      from due
    ) as rhythm
    cross join lateral private.plan_task_occurrences(
      rhythm.cron_expression, rhythm.timezone, rhythm.next_run_at, rhythm.misfire_policy, now()
    ) as planned
  )
  select
    array_agg(
      row(
        due.id,
        case
          when due.end_date is null then rhythms.occurrences
          else array(
            select occurrence
            from unnest(rhythms.occurrences) as occurrence
            where (occurrence at time zone due.timezone)::date <= due.end_date
            order by occurrence
          )
        end,
        rhythms.is_catch_up,
        rhythms.is_missed,
        case
          when due.end_date is null
            or (rhythms.next_due at time zone due.timezone)::date <= due.end_date
          then rhythms.next_due
        end,
        rhythms.error
      )::private.task_plan
    )
  into v_plans
  from due
  join rhythms
    on rhythms.cron_expression = due.cron_expression
    and rhythms.timezone = due.timezone
    and rhythms.next_run_at = due.next_run_at
    and rhythms.misfire_policy = due.misfire_policy;

  for v_turn in 1..2 loop
    select array_agg(plan.task_id order by plan.task_id, occurrence),
      array_agg(occurrence order by plan.task_id, occurrence)
    into v_due_task_ids, v_due_instants
    from unnest(v_plans) as plan
    cross join unnest(plan.occurrences) as occurrence
    where plan.is_catch_up = (v_turn = 2);

    if v_due_task_ids is not null then
      select array_agg(created.task_id)
      into v_more_task_ids
      from private.create_task_runs(
        v_due_task_ids, case v_turn when 1 then 'schedule' else 'catch_up' end, v_due_instants
      ) as created;
      v_created_task_ids := v_created_task_ids || coalesce(v_more_task_ids, '{}');
    end if;
  end loop;

  update public.agent_tasks
  set
    next_run_at = case
      when agent_tasks.total_executions + coalesce(created.runs, 0) >= agent_tasks.max_executions
      then null
      else plan.next_run_at
    end,
    total_executions = agent_tasks.total_executions + coalesce(created.runs, 0),
    skipped_executions = agent_tasks.skipped_executions
      + least(
        cardinality(plan.occurrences), agent_tasks.max_executions - agent_tasks.total_executions
      )
      - coalesce(created.runs, 0)
      + plan.is_missed::integer,
    last_run_at = case when created.runs > 0 then now() else agent_tasks.last_run_at end
  from unnest(v_plans) as plan
  left join (
    select created_task_id, count(*)::integer as runs
    from unnest(v_created_task_ids) as created_task_id
    group by created_task_id
  ) as created on created.created_task_id = plan.task_id
  where agent_tasks.id = plan.task_id;

  update public.agent_tasks
  set status = 'failed', last_error = plan.error
  from unnest(v_plans) as plan
  where agent_tasks.id = plan.task_id
    and plan.error is not null;

  -- Whose last run was left out has nothing to wait for.
  perform private.complete_ended_tasks(array_agg(agent_tasks.id))
  from public.agent_tasks
  where agent_tasks.id = any (v_task_ids)
    and agent_tasks.next_run_at is null;

  return cardinality(v_created_task_ids);
end;
$$;

-- Makes one run of a locked task, or says why not. Shared by what people start by hand.
-- Errors: PT403 agent_not_runnable; PT409 run_unfinished; PT429 jobs_quota_reached.
create or replace function private.start_task_by_hand(
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

  perform private.require_job_room(p_task.organization_id);

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

-- Starts the active event-based tasks of an organization that wait for an event. Returns how many.
-- Needs tasks.run. Errors: PT400 event_invalid; PT403 permission_denied; PT413
-- event_payload_too_large; PT429 jobs_quota_reached.
create or replace function private.emit_event(
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

  -- All of them or none: an event that was half heard could not be sent again.
  perform private.require_job_room(v_organization_id, cardinality(v_task_ids));

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

comment on function public.run_task_now(uuid) is
  'Runs a task now, by its overlap policy, and returns the run. Needs tasks.run on an own task, '
  'or tasks.manage. Errors: task_not_found, permission_denied, agent_not_runnable, '
  'task_not_active, task_exhausted, run_unfinished, jobs_quota_reached.';
comment on function public.emit_event(text, jsonb, uuid) is
  'Starts the active event-based tasks of an organization (default: the current one) that wait '
  'for an event, all or none; returns how many. Needs tasks.run. Errors: permission_denied, '
  'event_invalid, event_payload_too_large, jobs_quota_reached.';
comment on function public.retry_task_run(uuid) is
  'Repeats a failed or cancelled run from the step it stopped at, as a new run. Needs tasks.run '
  'on an own task, or tasks.manage. Errors: run_not_found, permission_denied, agent_not_runnable, '
  'run_not_retryable, run_unfinished, jobs_quota_reached.';
