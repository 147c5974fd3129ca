-- Making runs of tasks, and what follows when they end. The schedule, a hand, an event and a retry
-- all end in private.create_task_runs(), which applies the overlap policy, pins the steps and
-- enqueues the jobs.
--
-- Locks are taken in one order, here and in the execution of runs: job, task, run, steps. A task is
-- locked before anything of it changes, and nobody waits for a job while holding a task.

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
