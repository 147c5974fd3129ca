-- Task execution: what a worker says about a run it holds the lease of. Every function presents the
-- lease first, in the transaction that records the result, so a worker that was given up on changes
-- nothing. Service only. Errors of all: PT409 lease_lost.
--
-- A run ends here, and its job with it: a failed run leaves no dead job, it is retried as a run. A
-- job that dies by itself (its worker was killed again and again) fails its run at the next tick.
-- Replaying such a dead job changes nothing, because its run is over.

-- Presents the lease and locks the run's task and the run, in this order. Null when the run is
-- gone.
create function private.hold_task_run(p_job_id bigint, p_lease_token bigint)
returns public.agent_task_runs
language plpgsql
volatile
security definer -- locking needs the right to update, which no role has
set search_path = ''
as $$
declare
  v_job private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_run public.agent_task_runs;
begin
  perform
  from public.agent_tasks
  where agent_tasks.id = (
    select agent_task_runs.task_id
    from public.agent_task_runs
    where agent_task_runs.id = (v_job.payload ->> 'run_id')::uuid
  )
  for update;

  select agent_task_runs.* into v_run
  from public.agent_task_runs
  where agent_task_runs.id = (v_job.payload ->> 'run_id')::uuid
  for update;
  return v_run;
end;
$$;

-- Shows in the task's steps how the steps of a run stand.
create function private.mirror_task_run_steps(p_run_id uuid, p_run_step_id uuid default null)
returns void
language plpgsql
volatile
security definer -- task_steps are written by nobody else
set search_path = ''
as $$
begin
  update public.task_steps
  set
    status = run_steps.status,
    execution_result = run_steps.result,
    execution_started_at = run_steps.execution_started_at,
    execution_completed_at = run_steps.execution_completed_at,
    execution_duration_ms = run_steps.execution_duration_ms,
    error_message = run_steps.error_message,
    retry_count = run_steps.retry_count
  from public.agent_task_run_steps as run_steps
  where run_steps.run_id = p_run_id
    and (p_run_step_id is null or run_steps.id = p_run_step_id)
    and task_steps.id = run_steps.task_step_id;
end;
$$;

-- Ends a locked run as completed or failed, and what follows from it. Its job is the caller's to
-- end.
create function private.finish_task_run(
  p_run public.agent_task_runs,
  p_status text,
  p_error text default null
)
returns void
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
begin
  update public.agent_task_runs
  set
    status = p_status,
    error_message = p_error,
    completed_at = clock_timestamp(),
    duration_ms = private.elapsed_ms(agent_task_runs.started_at)
  where agent_task_runs.id = p_run.id;

  if p_status = 'failed' then
    perform private.skip_open_task_run_steps(array[p_run.id]);
  end if;

  update public.agent_tasks
  set last_error = p_error
  where agent_tasks.id = p_run.task_id
    and agent_tasks.last_error is distinct from p_error;

  perform private.continue_task(p_run.task_id);
end;
$$;

-- Why a run may not go on for its user, or null.
create function private.task_run_obstacle(p_run public.agent_task_runs)
returns text
language plpgsql
stable
security definer -- asked about users other than the caller
set search_path = ''
as $$
begin
  return case
    when p_run.user_id is null then 'The user for whom the task ran was deleted.'
    when not exists (
      select
      from public.organization_members
      where organization_members.organization_id = p_run.organization_id
        and organization_members.user_id = p_run.user_id
        and organization_members.status = 'active'
    )
    then 'The user for whom the task runs is no longer an active member of the organization.'
    when p_run.agent_id is null then 'The agent was deleted.'
    when not private.can_run_agent(p_run.agent_id, p_run.user_id)
    then 'The user for whom the task runs may not run the agent, or the agent is switched off.'
  end;
end;
$$;

-- Begins or goes on with a run; what a step that a dead worker left running did is done again.
-- Returns {run_id, organization_id, task, agent, payload, steps}, or null when there is nothing to
-- do: then the job is ended already.
create function private.start_task_run(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run public.agent_task_runs := private.hold_task_run(p_job_id, p_lease_token);
  v_obstacle text;
begin
  if v_run.id is null or v_run.status not in ('pending', 'running') then
    perform private.complete_job(p_job_id, p_lease_token);
    return null;
  end if;

  v_obstacle := private.task_run_obstacle(v_run);
  if v_obstacle is not null then
    perform private.finish_task_run(v_run, 'failed', v_obstacle);
    perform private.complete_job(p_job_id, p_lease_token);
    return null;
  end if;

  update public.agent_task_runs
  set
    status = 'running',
    started_at = coalesce(agent_task_runs.started_at, clock_timestamp())
  where agent_task_runs.id = v_run.id;

  update public.agent_task_run_steps
  set
    status = 'pending',
    retry_count = agent_task_run_steps.retry_count + 1,
    error_message = 'The worker stopped before the step was done.',
    execution_started_at = null
  where agent_task_run_steps.run_id = v_run.id
    and agent_task_run_steps.status = 'running';

  perform private.mirror_task_run_steps(v_run.id);

  return (
    select jsonb_build_object(
      'run_id', v_run.id,
      'organization_id', v_run.organization_id,
      'task', jsonb_build_object(
        'id', agent_tasks.id,
        'name', agent_tasks.name,
        'description', agent_tasks.description,
        -- A task without steps has them as its one step.
        'instructions', nullif(agent_tasks.instructions, steps.only_instructions),
        'target_conversation_id', agent_tasks.target_conversation_id,
        'user_id', v_run.user_id
      ),
      'agent', jsonb_build_object(
        'id', agents.id,
        'name', agents.name,
        'instructions', agents.instructions,
        'model', agents.model,
        'temperature', agents.temperature,
        'max_tokens', agents.max_tokens,
        'context_window_size', agents.context_window_size,
        'config', agents.config
      ),
      'payload', v_run.payload,
      'steps', steps.rows
    )
    from public.agent_tasks
    join public.agents on agents.id = v_run.agent_id
    cross join (
      select
        jsonb_agg(
          jsonb_build_object(
            'id', run_steps.id,
            'step_order', run_steps.step_order,
            'step_name', run_steps.step_name,
            'instructions', run_steps.instructions,
            'include_previous_context', run_steps.include_previous_context,
            'status', run_steps.status,
            'result', run_steps.result,
            'retry_count', run_steps.retry_count
          )
          order by run_steps.step_order
        ) as rows,
        case when count(*) = 1 then min(run_steps.instructions) end as only_instructions
      from public.agent_task_run_steps as run_steps
      where run_steps.run_id = v_run.id
    ) as steps
    where agent_tasks.id = v_run.task_id
  );
end;
$$;

-- The step of a run, or PT404 task_run_step_not_found: a worker may speak of the run it holds only.
create function private.find_task_run_step(p_run_id uuid, p_run_step_id uuid)
returns public.agent_task_run_steps
language plpgsql
stable
security definer -- called for roles that see through policies only
set search_path = ''
as $$
declare
  v_step public.agent_task_run_steps;
begin
  select agent_task_run_steps.* into v_step
  from public.agent_task_run_steps
  where agent_task_run_steps.id = p_run_step_id
    and agent_task_run_steps.run_id = p_run_id;

  if v_step.id is null then
    raise sqlstate 'PT404' using
      message = 'The run has no step with that id',
      detail = 'task_run_step_not_found',
      hint = 'Take the steps that start_task_run() returned.';
  end if;
  return v_step;
end;
$$;

-- Begins a step. Errors: PT404 task_run_step_not_found; PT409 run_cancelled, step_out_of_order.
create function private.start_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid
)
returns void
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run public.agent_task_runs := private.hold_task_run(p_job_id, p_lease_token);
  v_step public.agent_task_run_steps;
begin
  if v_run.status is distinct from 'running' then
    raise sqlstate 'PT409' using
      message = 'The run is not running any more',
      detail = 'run_cancelled',
      hint = 'Leave it: fail or release the job, and it ends by itself.';
  end if;

  v_step := private.find_task_run_step(v_run.id, p_run_step_id);

  if v_step.status not in ('pending', 'running')
    or exists (
      select
      from public.agent_task_run_steps
      where agent_task_run_steps.run_id = v_run.id
        and agent_task_run_steps.step_order < v_step.step_order
        and agent_task_run_steps.status <> 'completed'
    )
  then
    raise sqlstate 'PT409' using
      message = format('Step %s cannot begin now', v_step.step_order),
      detail = 'step_out_of_order',
      hint = 'Do the open steps in their order, each once.';
  end if;

  update public.agent_task_run_steps
  set status = 'running', execution_started_at = clock_timestamp()
  where agent_task_run_steps.id = p_run_step_id;

  perform private.mirror_task_run_steps(v_run.id, p_run_step_id);
end;
$$;

-- Whether a user who is not there could read a channel and write in it now. The helpers of the
-- policies answer for the caller, so the user is put in the caller's place for the question.
create function private.can_write_in_channel(p_channel_id uuid, p_user_id uuid)
returns boolean
language plpgsql
volatile
security definer -- asked about users other than the caller
set search_path = ''
as $$
declare
  v_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  v_sub constant text := coalesce(current_setting('request.jwt.claim.sub', true), '');
  v_answer boolean;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', p_user_id)::text, true);
  perform set_config('request.jwt.claim.sub', p_user_id::text, true);

  select
    chat_channels.workspace_id = any (private.workspaces_with('messages.write'))
    and chat_channels.workspace_id = any (private.workspaces_with('channels.read'))
    and (
      chat_channels.is_public
      or chat_channels.created_by_user_id = p_user_id
      or chat_channels.workspace_id = any (private.workspaces_with('channels.manage'))
    )
  into v_answer
  from public.chat_channels
  where chat_channels.id = p_channel_id;

  perform set_config('request.jwt.claims', v_claims, true);
  perform set_config('request.jwt.claim.sub', v_sub, true);
  return coalesce(v_answer, false);
end;
$$;

-- Posts what a run came to into the task's channel, as its agent. Returns why that could not be
-- done, or null. Nothing to say is not said.
create function private.post_task_result(p_run public.agent_task_runs, p_text text)
returns text
language plpgsql
volatile
security definer -- the message is the agent's, and is posted for a user who is not there
set search_path = ''
as $$
declare
  v_channel_id uuid;
begin
  select agent_tasks.target_conversation_id
  into v_channel_id
  from public.agent_tasks
  where agent_tasks.id = p_run.task_id;

  if v_channel_id is null or coalesce(btrim(p_text), '') = '' then
    return null;
  elsif not private.can_write_in_channel(v_channel_id, p_run.user_id) then
    return 'The result was not posted: the user of the task may not write in its channel.';
  end if;

  insert into public.chat_messages (channel_id, agent_id, content, metadata)
  values (
    v_channel_id,
    p_run.agent_id,
    left(p_text, 100000),
    jsonb_build_object('task_id', p_run.task_id, 'run_id', p_run.id)
  );
  return null;
end;
$$;

-- Records the result {"text", "model", "finish_reason"} of a running step. Returns continue;
-- completed after the last step, when the run and its job are ended and the message is posted; or
-- cancelled, when the run was ended meanwhile, and the result is dropped.
-- Errors: PT400 step_result_invalid; PT404 task_run_step_not_found; PT409 step_not_running.
create function private.complete_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid,
  p_result jsonb,
  p_prompt_tokens integer,
  p_completion_tokens integer,
  p_cost_usd numeric
)
returns text
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run public.agent_task_runs := private.hold_task_run(p_job_id, p_lease_token);
  v_step public.agent_task_run_steps;
begin
  if v_run.id is null or v_run.status <> 'running' then
    perform private.complete_job(p_job_id, p_lease_token);
    return 'cancelled';
  end if;

  v_step := private.find_task_run_step(v_run.id, p_run_step_id);

  if v_step.status <> 'running' then
    raise sqlstate 'PT409' using
      message = format('Step %s is %s, not running', v_step.step_order, v_step.status),
      detail = 'step_not_running',
      hint = 'Begin it with start_task_run_step().';
  elsif coalesce(jsonb_typeof(p_result) <> 'object', true) then
    raise sqlstate 'PT400' using
      message = 'The result of a step is an object',
      detail = 'step_result_invalid',
      hint = 'Pass {"text": …, "model": …, "finish_reason": …}.';
  end if;

  update public.agent_task_run_steps
  set
    status = 'completed',
    result = p_result,
    error_message = null,
    execution_completed_at = clock_timestamp(),
    execution_duration_ms = private.elapsed_ms(v_step.execution_started_at),
    prompt_tokens = coalesce(p_prompt_tokens, 0),
    completion_tokens = coalesce(p_completion_tokens, 0),
    cost_usd = coalesce(p_cost_usd, 0)
  where agent_task_run_steps.id = p_run_step_id;

  perform private.mirror_task_run_steps(v_run.id, p_run_step_id);

  update public.agent_task_runs
  set
    completed_step_count = agent_task_runs.completed_step_count + 1,
    prompt_tokens = agent_task_runs.prompt_tokens + coalesce(p_prompt_tokens, 0),
    completion_tokens = agent_task_runs.completion_tokens + coalesce(p_completion_tokens, 0),
    cost_usd = agent_task_runs.cost_usd + coalesce(p_cost_usd, 0)
  where agent_task_runs.id = v_run.id
  returning agent_task_runs.* into v_run;

  if v_run.completed_step_count < v_run.step_count then
    return 'continue';
  end if;

  perform private.finish_task_run(
    v_run, 'completed', private.post_task_result(v_run, p_result ->> 'text')
  );
  perform private.complete_job(p_job_id, p_lease_token);
  return 'completed';
end;
$$;

-- Records that an attempt at a step failed. Returns retry, when the job comes back after the
-- queue's backoff (or after p_retry_after_seconds); failed, when it cannot be retried or has had
-- its attempts: later steps are skipped and the run and its job are ended; or cancelled, when the
-- run was ended meanwhile.
-- Errors: PT404 task_run_step_not_found.
create function private.fail_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid,
  p_error text,
  p_retryable boolean,
  p_retry_after_seconds integer default null
)
returns text
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_run public.agent_task_runs := private.hold_task_run(p_job_id, p_lease_token);
  v_error constant text := left(coalesce(nullif(btrim(p_error), ''), 'Unknown error.'), 2000);
  v_step public.agent_task_run_steps;
  v_has_attempts boolean;
begin
  if v_run.id is null or v_run.status <> 'running' then
    perform private.complete_job(p_job_id, p_lease_token);
    return 'cancelled';
  end if;

  v_step := private.find_task_run_step(v_run.id, p_run_step_id);

  select jobs.attempts < jobs.max_attempts
  into v_has_attempts
  from private.jobs
  where jobs.id = p_job_id;

  if p_retryable and v_has_attempts then
    update public.agent_task_run_steps
    set
      status = 'pending',
      error_message = v_error,
      retry_count = v_step.retry_count + 1,
      execution_started_at = null
    where agent_task_run_steps.id = p_run_step_id;

    perform private.mirror_task_run_steps(v_run.id, p_run_step_id);
    perform private.fail_job(p_job_id, p_lease_token, v_error, p_retry_after_seconds);
    return 'retry';
  end if;

  update public.agent_task_run_steps
  set
    status = 'failed',
    error_message = v_error,
    execution_completed_at = clock_timestamp(),
    execution_duration_ms = private.elapsed_ms(v_step.execution_started_at)
  where agent_task_run_steps.id = p_run_step_id;

  perform private.mirror_task_run_steps(v_run.id, p_run_step_id);
  perform private.finish_task_run(
    v_run, 'failed', format('Step %s, %s: %s', v_step.step_order, v_step.step_name, v_error)
  );
  perform private.complete_job(p_job_id, p_lease_token);
  return 'failed';
end;
$$;

-- Fails runs whose job is not in the queue any more: it died there, or was taken out by hand. No
-- run stays unfinished for ever. Returns how many.
create function private.fail_lost_task_runs()
returns integer
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_lost public.agent_task_runs;
  v_reason text;
  v_count integer := 0;
begin
  for v_lost in
    select agent_task_runs.*
    from public.agent_task_runs
    join public.agent_tasks on agent_tasks.id = agent_task_runs.task_id
    where agent_task_runs.status in ('pending', 'running')
      and agent_task_runs.enqueued_at is not null
      and not exists (
        select
        from private.jobs
        where jobs.queue = 'tasks'
          and jobs.dedupe_key = agent_task_runs.id::text
      )
    limit 1000
    for update of agent_tasks, agent_task_runs skip locked
  loop
    select format(
      'The run broke off after %s attempts: %s', dead_jobs.attempts, dead_jobs.last_error
    )
    into v_reason
    from private.dead_jobs
    where dead_jobs.queue = 'tasks'
      and dead_jobs.dedupe_key = v_lost.id::text
    order by dead_jobs.id desc
    limit 1;
    v_reason := coalesce(v_reason, 'The run broke off: its job is gone from the queue.');

    update public.agent_task_run_steps
    set
      status = 'failed',
      error_message = v_reason,
      execution_completed_at = clock_timestamp(),
      execution_duration_ms = private.elapsed_ms(agent_task_run_steps.execution_started_at)
    where agent_task_run_steps.id = (
      select open.id
      from public.agent_task_run_steps as open
      where open.run_id = v_lost.id
        and open.status in ('pending', 'running')
      order by open.step_order
      limit 1
    );

    perform private.finish_task_run(v_lost, 'failed', v_reason);
    perform private.mirror_task_run_steps(v_lost.id);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

create function public.start_task_run(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.start_task_run(p_job_id, p_lease_token);
$$;

create function public.start_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.start_task_run_step(p_job_id, p_lease_token, p_run_step_id);
$$;

create function public.complete_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid,
  p_result jsonb,
  p_prompt_tokens integer,
  p_completion_tokens integer,
  p_cost_usd numeric
)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.complete_task_run_step(
    p_job_id, p_lease_token, p_run_step_id, p_result, p_prompt_tokens, p_completion_tokens,
    p_cost_usd
  );
$$;

create function public.fail_task_run_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_run_step_id uuid,
  p_error text,
  p_retryable boolean,
  p_retry_after_seconds integer default null
)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_task_run_step(
    p_job_id, p_lease_token, p_run_step_id, p_error, p_retryable, p_retry_after_seconds
  );
$$;

comment on function public.start_task_run(bigint, bigint) is
  'Begins or goes on with the run of a leased job: {run_id, organization_id, task, agent, '
  'payload, steps}, or null when there is nothing to do and the job is ended. Service only. '
  'Errors: lease_lost.';
comment on function public.start_task_run_step(bigint, bigint, uuid) is
  'Begins a step of a leased run. Service only. Errors: lease_lost, run_cancelled, '
  'step_out_of_order, task_run_step_not_found.';
comment on function public.complete_task_run_step(
  bigint, bigint, uuid, jsonb, integer, integer, numeric
) is
  'Records the result of a step: continue, completed or cancelled. Service only. Errors: '
  'lease_lost, step_not_running, step_result_invalid, task_run_step_not_found.';
comment on function public.fail_task_run_step(bigint, bigint, uuid, text, boolean, integer) is
  'Records that an attempt at a step failed: retry, failed or cancelled. Service only. Errors: '
  'lease_lost, task_run_step_not_found.';

grant execute on function
  private.start_task_run(bigint, bigint),
  private.start_task_run_step(bigint, bigint, uuid),
  private.complete_task_run_step(bigint, bigint, uuid, jsonb, integer, integer, numeric),
  private.fail_task_run_step(bigint, bigint, uuid, text, boolean, integer),
  public.start_task_run(bigint, bigint),
  public.start_task_run_step(bigint, bigint, uuid),
  public.complete_task_run_step(bigint, bigint, uuid, jsonb, integer, integer, numeric),
  public.fail_task_run_step(bigint, bigint, uuid, text, boolean, integer)
to service_role;
