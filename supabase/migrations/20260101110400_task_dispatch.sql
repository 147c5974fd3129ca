-- Task dispatch: how runs come about. The schedule, a hand, an event and a retry all end in
-- private.create_task_runs(), which applies the overlap policy, pins the steps and enqueues the
-- jobs.
--
-- Locks are taken in one order, here and in the execution of runs: job, task, run, steps. A task is
-- locked before anything of it changes, and nobody waits for a job while holding a task.
-- Dispatching is one transaction: next_run_at moves on together with the runs that stand for it, so
-- a dispatcher that dies leaves everything as it was, and one that comes second finds nothing due.

-- Cancels runs that are not finished. What was done of them stays. A worker that is busy with one
-- of them learns of it with its next word.
create function private.cancel_task_runs(p_run_ids uuid[], p_reason text)
returns void
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run_ids uuid[];
begin
  with cancelled as (
    update public.agent_task_runs
    set
      status = 'cancelled',
      error_message = p_reason,
      completed_at = clock_timestamp(),
      duration_ms = private.elapsed_ms(agent_task_runs.started_at)
    where agent_task_runs.id = any (p_run_ids)
      and agent_task_runs.status in ('pending', 'running')
    returning agent_task_runs.id
  )
  select array_agg(cancelled.id) into v_run_ids from cancelled;

  perform private.skip_open_task_run_steps(v_run_ids);
  perform private.remove_task_run_jobs(v_run_ids, false);
end;
$$;

-- Whole milliseconds since an instant, for a clock that may be set back; null before a start.
create function private.elapsed_ms(p_since timestamptz)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select least(
    greatest(floor(extract(epoch from clock_timestamp() - p_since) * 1000), 0), 2147483647
  )::integer;
$$;

-- Steps that will not be done any more, in the runs and in what the task's steps show of them.
create function private.skip_open_task_run_steps(p_run_ids uuid[])
returns void
language plpgsql
volatile
security definer -- steps are written by nobody else
set search_path = ''
as $$
begin
  with skipped as (
    update public.agent_task_run_steps
    set status = 'skipped'
    where agent_task_run_steps.run_id = any (p_run_ids)
      and agent_task_run_steps.status in ('pending', 'running')
    returning agent_task_run_steps.task_step_id
  )
  update public.task_steps
  set status = 'skipped'
  from skipped
  where task_steps.id = skipped.task_step_id
    and task_steps.status in ('pending', 'running');
end;
$$;

-- Makes runs of tasks that the caller has locked: the n-th task with the n-th scheduled instant
-- (none for other triggers). Returns the runs made, in the order given. The overlap policy decides
-- which are left out, which wait and which replace; a run that is made up for always waits for the
-- one before it. Neither checks whether the task is active nor counts: the callers do.
create function private.create_task_runs(
  p_task_ids uuid[],
  p_trigger text,
  p_scheduled_for timestamptz[] default null,
  p_payload jsonb default '{}',
  p_event_name text default null,
  p_requested_by_user_id uuid default null,
  p_retry_of_run_id uuid default null
)
returns table (task_id uuid, run_id uuid)
language plpgsql
volatile
security definer -- runs and jobs are written by nobody else
set search_path = ''
as $$
declare
  v_task_ids uuid[];
  v_run_ids uuid[];
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_keys text[];
begin
  if p_trigger <> 'catch_up' then
    perform private.cancel_task_runs(array_agg(agent_task_runs.id), 'A newer run replaced it.')
    from public.agent_tasks
    join public.agent_task_runs on agent_task_runs.task_id = agent_tasks.id
    where agent_tasks.id = any (p_task_ids)
      and agent_tasks.overlap_policy = 'replace'
      and agent_task_runs.status in ('pending', 'running')
    having count(*) > 0;
  end if;

  with wanted as (
    select
      agent_tasks.id,
      agent_tasks.organization_id,
      agent_tasks.agent_id,
      agent_tasks.user_id,
      agent_tasks.step_count,
      agent_tasks.overlap_policy,
      request.scheduled_for,
      request.place,
      row_number() over (partition by agent_tasks.id order by request.place) as nth,
      agent_tasks.max_executions - agent_tasks.total_executions as executions_left,
      unfinished.runs as unfinished_runs
    from unnest(p_task_ids, p_scheduled_for)
      with ordinality as request (task_id, scheduled_for, place)
    join public.agent_tasks on agent_tasks.id = request.task_id
    cross join lateral (
      select count(*) as runs
      from public.agent_task_runs
      where agent_task_runs.task_id = agent_tasks.id
        and agent_task_runs.status in ('pending', 'running')
    ) as unfinished
    where request.scheduled_for is null
      or not exists (
        select
        from public.agent_task_runs
        where agent_task_runs.task_id = request.task_id
          and agent_task_runs.scheduled_for = request.scheduled_for
      )
  ), created as (
    insert into public.agent_task_runs (
      organization_id, task_id, agent_id, user_id, requested_by_user_id, retry_of_run_id,
      trigger, scheduled_for, event_name, payload, step_count, correlation_id, enqueued_at
    )
    select
      wanted.organization_id, wanted.id, wanted.agent_id, wanted.user_id, p_requested_by_user_id,
      p_retry_of_run_id, p_trigger, wanted.scheduled_for, p_event_name, p_payload,
      wanted.step_count, private.request_correlation_id(),
      case
        when wanted.overlap_policy = 'allow' or wanted.unfinished_runs + wanted.nth = 1 then now()
      end
    from wanted
    where (
        p_trigger = 'retry'
        or wanted.executions_left is null
        or wanted.nth <= wanted.executions_left
      )
      and (
        wanted.unfinished_runs = 0 or wanted.overlap_policy <> 'skip' or p_trigger = 'catch_up'
      )
      -- A task that falls behind for good must not pile up runs for ever.
      and wanted.unfinished_runs + wanted.nth <= 100
    order by wanted.place
    returning
      agent_task_runs.id,
      agent_task_runs.task_id,
      agent_task_runs.organization_id,
      agent_task_runs.enqueued_at
  ), pinned as (
    insert into public.agent_task_run_steps (
      organization_id, run_id, task_step_id, step_order, step_name, instructions,
      include_previous_context
    )
    select
      created.organization_id,
      created.id,
      task_steps.id,
      coalesce(task_steps.step_order, 1),
      coalesce(task_steps.step_name, left(agent_tasks.name, 100)),
      coalesce(
        task_steps.instructions, agent_tasks.instructions, agent_tasks.description, agent_tasks.name
      ),
      coalesce(task_steps.include_previous_context, false)
    from created
    join public.agent_tasks on agent_tasks.id = created.task_id
    left join public.task_steps on task_steps.task_id = created.task_id
    -- A retry takes over the steps of the run it repeats.
    where p_trigger <> 'retry'
  )
  select
    array_agg(created.task_id),
    array_agg(created.id),
    array_agg(jsonb_build_object('run_id', created.id))
      filter (where created.enqueued_at is not null),
    array_agg(created.organization_id) filter (where created.enqueued_at is not null),
    array_agg(created.id::text) filter (where created.enqueued_at is not null)
  into v_task_ids, v_run_ids, v_payloads, v_organization_ids, v_keys
  from created;

  if v_payloads is not null then
    perform private.enqueue_jobs(
      p_queue => 'tasks',
      p_kind => 'task_run',
      p_payloads => v_payloads,
      p_organization_ids => v_organization_ids,
      -- Somebody is waiting for these.
      p_priority => case when p_trigger in ('manual', 'retry') then 10 else 0 end,
      p_dedupe_keys => v_keys
    );
  end if;

  return query
  select * from unnest(v_task_ids, v_run_ids);
end;
$$;

-- After a run has ended, its task locked by the caller: gives the next waiting run its turn, or,
-- when nothing is left to do and none will be due again, completes the task.
create function private.continue_task(p_task_id uuid)
returns void
language plpgsql
volatile
security definer -- runs, jobs and the status of a task are written by nobody else
set search_path = ''
as $$
declare
  v_next public.agent_task_runs;
begin
  if exists (
    select
    from public.agent_task_runs
    where agent_task_runs.task_id = p_task_id
      and agent_task_runs.status in ('pending', 'running')
      and agent_task_runs.enqueued_at is not null
  ) then
    return;
  end if;

  update public.agent_task_runs
  set enqueued_at = now()
  where agent_task_runs.id = (
    select waiting.id
    from public.agent_task_runs as waiting
    where waiting.task_id = p_task_id
      and waiting.status = 'pending'
    order by coalesce(waiting.scheduled_for, waiting.created_at), waiting.created_at, waiting.id
    limit 1
  )
  returning agent_task_runs.* into v_next;

  if v_next.id is not null then
    perform private.enqueue_job(
      p_queue => 'tasks',
      p_kind => 'task_run',
      p_payload => jsonb_build_object('run_id', v_next.id),
      p_organization_id => v_next.organization_id,
      p_priority => case when v_next.trigger in ('manual', 'retry') then 10 else 0 end,
      p_dedupe_key => v_next.id::text
    );
    return;
  end if;

  perform private.complete_ended_tasks(array[p_task_id]);
end;
$$;

-- Completes active tasks, already locked, that have nothing left to do and will not be due again.
create function private.complete_ended_tasks(p_task_ids uuid[])
returns void
language plpgsql
volatile
security definer -- the status completed is the engine's to set
set search_path = ''
as $$
begin
  update public.agent_tasks
  set status = 'completed'
  where agent_tasks.id = any (p_task_ids)
    and agent_tasks.status = 'active'
    and (
      agent_tasks.total_executions >= agent_tasks.max_executions
      or agent_tasks.end_date < (now() at time zone agent_tasks.timezone)::date
      or (
        agent_tasks.task_type = 'scheduled'
        and agent_tasks.cron_expression is not null
        and agent_tasks.next_run_at is null
      )
    )
    and not exists (
      select
      from public.agent_task_runs
      where agent_task_runs.task_id = agent_tasks.id
        and agent_task_runs.status in ('pending', 'running')
    );
end;
$$;

-- Completes tasks whose last day went by without anything bringing them up. Returns how many were
-- looked at.
create function private.complete_tasks_past_their_end()
returns integer
language plpgsql
volatile
security definer -- private.tick() may be called by roles that cannot write tasks
set search_path = ''
as $$
declare
  v_task_ids uuid[];
begin
  select array_agg(ended.id)
  into v_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.status = 'active'
      and agent_tasks.next_run_at is null
      and agent_tasks.end_date is not null
      -- No zone is more than a day ahead of UTC: this much an index can tell.
      and agent_tasks.end_date <= (now() at time zone 'UTC')::date
      and agent_tasks.end_date < (now() at time zone agent_tasks.timezone)::date
    limit 1000
    for update skip locked
  ) as ended;

  perform private.complete_ended_tasks(v_task_ids);
  return coalesce(cardinality(v_task_ids), 0);
end;
$$;

-- What a rhythm that was due at p_due owes now, by its misfire policy, and when it is due next.
-- A run counts as missed when it is more than a minute late: then nothing was there to dispatch it.
-- Without its zone or expression (both can go out of use) it says why in error, and owes nothing.
create function private.plan_task_occurrences(
  p_cron_expression text,
  p_timezone text,
  p_due timestamptz,
  p_misfire_policy text,
  p_now timestamptz
)
returns table (
  occurrences timestamptz[],
  is_catch_up boolean,
  is_missed boolean,
  next_due timestamptz,
  error text
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_on_time timestamptz;
begin
  occurrences := array[p_due];
  is_catch_up := false;
  is_missed := p_due <= p_now - interval '1 minute';

  if is_missed and p_misfire_policy = 'catch_up' then
    is_catch_up := true;
    is_missed := false;
    loop
      next_due := public.next_cron_occurrence(
        p_cron_expression, p_timezone, occurrences[cardinality(occurrences)]
      );
      -- What is too much for one turn stays due, and the next turn goes on with it.
      exit when next_due is null or next_due > p_now or cardinality(occurrences) = 50;
      occurrences := occurrences || next_due;
    end loop;
  else
    next_due := public.next_cron_occurrence(p_cron_expression, p_timezone, p_now);
    if is_missed then
      v_on_time := public.next_cron_occurrence(
        p_cron_expression, p_timezone, p_now - interval '1 minute'
      );
      if v_on_time <= p_now then
        occurrences := array[v_on_time];
      elsif p_misfire_policy = 'skip' then
        occurrences := '{}';
      else
        -- Nothing fell due in the last minute: the run is dated by the first it stands for.
        occurrences := array[p_due];
      end if;
      -- With run_once, one run stands for them all.
      is_missed := p_misfire_policy = 'skip';
    end if;
  end if;

  return next;
exception
  when others then
    occurrences := '{}';
    is_catch_up := false;
    is_missed := false;
    next_due := null;
    error := sqlerrm;
    return next;
end;
$$;

-- One line of a dispatcher's plan.
create type private.task_plan as (
  task_id uuid,
  occurrences timestamptz[],
  is_catch_up boolean,
  is_missed boolean,
  next_run_at timestamptz,
  error text
);

-- Makes the runs that are due, and returns their number. Set-wise: tasks with the same rhythm are
-- worked out once, and everything is written in a few statements, however many tasks there are.
create function private.dispatch_due_tasks(p_limit integer default 10000)
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
  select array_agg(due.id)
  into v_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    where agent_tasks.status = 'active'
      and agent_tasks.next_run_at <= now()
    order by agent_tasks.next_run_at
    limit p_limit
    for update skip locked
  ) as due;

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
