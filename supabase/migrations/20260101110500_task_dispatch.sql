-- Task dispatch: the runs that are due by the schedules of their tasks.
--
-- Dispatching is one transaction: next_run_at moves on together with the runs that stand for it, so
-- a dispatcher that dies leaves everything as it was, and one that comes second finds nothing due.

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
