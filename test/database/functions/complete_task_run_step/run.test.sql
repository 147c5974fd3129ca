-- A run from its start to its last word, as a worker tells it; and what a worker may not say.
begin;

-- Claims the next job as the worker of that name.
create function tests.claim(p_worker text default 'worker')
returns text
language sql
as $$
  select set_config('tests.job', coalesce(max(id)::text, ''), true)
    || set_config('tests.token', coalesce(max(lease_token)::text, ''), true)
  from public.claim_jobs('tasks', 1, 60, p_worker)
$$;
create function tests.started()
returns jsonb
language sql
as $$
  select public.start_task_run(current_setting('tests.job')::bigint, current_setting('tests.token')::bigint)
$$;
create function tests.step(p_order integer)
returns uuid
language sql
security definer
stable
as $$
  select agent_task_run_steps.id
  from public.agent_task_run_steps
  join public.agent_task_runs on agent_task_runs.id = run_id
  where step_order = p_order
  order by agent_task_runs.created_at desc
  limit 1
$$;
create function tests.start_step(p_order integer)
returns void
language sql
as $$
  select public.start_task_run_step(
    current_setting('tests.job')::bigint, current_setting('tests.token')::bigint, tests.step(p_order)
  )
$$;
create function tests.complete_step(p_order integer, p_text text default 'Done.')
returns text
language sql
as $$
  select public.complete_task_run_step(
    current_setting('tests.job')::bigint, current_setting('tests.token')::bigint, tests.step(p_order),
    jsonb_build_object('text', p_text, 'model', 'm', 'finish_reason', 'stop'), 100, 20, 0.01
  )
$$;
create function tests.fail_step(p_order integer, p_retryable boolean)
returns text
language sql
as $$
  select public.fail_task_run_step(
    current_setting('tests.job')::bigint, current_setting('tests.token')::bigint, tests.step(p_order),
    'The model is asleep.', p_retryable, 0
  )
$$;
create function tests.steps()
returns text
language sql
security definer
stable
as $$
  select string_agg(step_name || ' ' || status || ' ' || retry_count, ', ' order by step_order)
  from public.task_steps
$$;
create function tests.run()
returns public.agent_task_runs
language sql
security definer
stable
as $$
  select agent_task_runs
  from public.agent_task_runs
  order by created_at desc
  limit 1
$$;

select plan(49);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility, model)
values ('Scribe', 'You write.', 'organization', 'gpt-4o');
select set_config('tests.agent', (select id::text from public.agents), true);
insert into public.workspaces (name) values ('Newsroom');
insert into public.chat_channels (workspace_id, name) select id, 'desk' from public.workspaces where name = 'Newsroom';
select set_config('tests.channel', (select id::text from public.chat_channels where name = 'desk'), true);
insert into public.agent_tasks (agent_id, name, description, target_conversation_id)
values (
  current_setting('tests.agent')::uuid, 'report', 'Weekly', current_setting('tests.channel')::uuid
);
select set_config('tests.task', (select id::text from public.agent_tasks), true);
select public.create_task_step(
  current_setting('tests.task')::uuid, null, step, 'Do what it says.', step <> 'one'
)
from unnest(array['one', 'two', 'three']) as step;

select is((public.run_task_now(current_setting('tests.task')::uuid)).trigger, 'manual', 'a user runs a task by hand');

-- Starting.
select tests.act_as_service();
select tests.claim();
select set_config('tests.started', tests.started()::text, true);
select is(
  current_setting('tests.started')::jsonb -> 'task',
  jsonb_build_object(
    'id', current_setting('tests.task'), 'name', 'report', 'description', 'Weekly', 'instructions', null,
    'target_conversation_id', current_setting('tests.channel'), 'user_id', tests.user_id('ada')
  ),
  'a worker is told the task'
);
select is(
  current_setting('tests.started')::jsonb -> 'agent',
  jsonb_build_object(
    'id', current_setting('tests.agent'), 'name', 'Scribe', 'instructions', 'You write.', 'model', 'gpt-4o',
    'temperature', null, 'max_tokens', 1000, 'context_window_size', 4000, 'config', '{}'::jsonb
  ),
  'and the agent'
);
select is(
  (current_setting('tests.started')::jsonb -> 'steps' -> 1) - 'id',
  '{"step_order": 2, "step_name": "two", "instructions": "Do what it says.", "include_previous_context": true, "status": "pending", "result": null, "retry_count": 0}',
  'and the steps'
);
select is((tests.run()).status, 'running', 'the run is running');

-- Step by step.
select throws_ok('select tests.start_step(2)', 'PT409', null, 'a step cannot begin before the one before it');
select throws_ok('select tests.complete_step(1)', 'PT409', null, 'a step that was not begun cannot be completed');
select tests.start_step(1);
select is(tests.steps(), 'one running 0, two pending 0, three pending 0', 'the task''s steps show what is going on');
select is(tests.complete_step(1, 'First.'), 'continue', 'after a step the run goes on');
select throws_ok('select tests.start_step(1)', 'PT409', null, 'a completed step is not done again');
select throws_ok('select tests.complete_step(1)', 'PT409', null, 'nor completed again');
select row_eq(
  $$select completed_step_count, prompt_tokens, completion_tokens, cost_usd
    from public.agent_task_runs where id = (tests.run()).id$$,
  row(1, 100, 20, 0.01::numeric(16, 8)), 'the run adds up tokens and cost'
);

-- A worker that dies, and comes back from the dead.
select tests.start_step(2);
select set_config('tests.old', current_setting('tests.job') || ' ' || current_setting('tests.token'), true);
select tests.act_as_nobody();
update private.jobs set leased_until = now() - interval '1 second';
select is(private.return_expired_leases(), 1, 'a lease that ended is returned');
update private.jobs set run_at = now();
select tests.act_as_service();
select tests.claim('another worker');
select is(
  tests.started() -> 'steps' -> 1 ->> 'retry_count', '1', 'the next worker does the open step again'
);
select is(tests.steps(), 'one completed 0, two pending 1, three pending 0', 'and only that one');
select throws_ok(
  $$select public.complete_task_run_step(
      split_part(current_setting('tests.old'), ' ', 1)::bigint,
      split_part(current_setting('tests.old'), ' ', 2)::bigint, tests.step(2), '{}', 1, 1, 1
    )$$,
  'PT409', null, 'the first worker''s result comes too late'
);
select throws_ok(
  $$select public.fail_task_run_step(
      split_part(current_setting('tests.old'), ' ', 1)::bigint,
      split_part(current_setting('tests.old'), ' ', 2)::bigint, tests.step(2), 'Late', false
    )$$,
  'PT409', null, 'and so does its failure'
);
select throws_ok(
  $$select public.start_task_run_step(
      split_part(current_setting('tests.old'), ' ', 1)::bigint,
      split_part(current_setting('tests.old'), ' ', 2)::bigint, tests.step(2)
    )$$,
  'PT409', null, 'and it begins nothing more'
);

-- A step that fails at first.
select tests.start_step(2);
select is(tests.fail_step(2, true), 'retry', 'a failure that may pass is tried again');
select is((tests.run()).status, 'running', 'the run stays running meanwhile');
select is(
  (select error_message from public.task_steps where step_order = 2), 'The model is asleep.',
  'and the step shows why'
);
select tests.act_as_nobody();
update private.jobs set run_at = now();
select tests.act_as_service();
select tests.claim();
select isnt(tests.started(), null, 'the job comes back');
select tests.start_step(2);
select is(tests.complete_step(2, 'Second.'), 'continue', 'the second attempt counts');
select is(
  tests.started() -> 'steps' -> 0 -> 'result' ->> 'text', 'First.',
  'whoever takes over a run is given the results so far'
);

-- The end.
select tests.start_step(3);
select throws_ok(
  $$select public.complete_task_run_step(current_setting('tests.job')::bigint,
      current_setting('tests.token')::bigint, tests.step(3), '"text"', 1, 1, 0)$$,
  'PT400', null, 'a result is an object'
);
select is(
  public.complete_task_run_step(
    current_setting('tests.job')::bigint,
    current_setting('tests.token')::bigint,
    tests.step(3),
    '{"text": "Third.", "citations": [{"number": 1, "display_name": "Handbook", "page": null}]}',
    100, 20, 0.01
  ),
  'completed',
  'after the last step the run is complete'
);
select row_eq(
  $$select status, completed_step_count, duration_ms >= 0, completed_at is not null, error_message
    from public.agent_task_runs where id = (tests.run()).id$$,
  row('completed'::text, 3, true, true, null::text), 'it says when and how long it took'
);
select results_eq(
  $$select agent_id::text, user_id, content, metadata ->> 'run_id', metadata -> 'citations'
    from public.chat_messages$$,
  $$select
      current_setting('tests.agent'), null::uuid, 'Third.'::text, (tests.run()).id::text,
      '[{"number": 1, "display_name": "Handbook", "page": null}]'::jsonb$$,
  'the agent posts the last result in the task''s channel, with its citations'
);
select tests.act_as_nobody();
select is_empty('select from private.jobs', 'its job is done');
select is(
  (select status::text from public.agent_tasks), 'active', 'a task without a schedule waits for the next time'
);
select is(
  (select array_agg(retry_count order by step_order) from public.agent_task_run_steps), array[0, 2, 0],
  'the history keeps the retries'
);

-- A failure for good, and its retry.
select tests.act_as('ada');
select public.run_task_now(current_setting('tests.task')::uuid);
select tests.act_as_service();
select tests.claim();
select tests.started();
select is(tests.steps(), 'one pending 0, two pending 0, three pending 0', 'a new run begins with a clean slate');
select tests.start_step(1);
select tests.complete_step(1, 'Again.');
select tests.start_step(2);
select is(tests.fail_step(2, false), 'failed', 'a failure that will not pass ends the run');
select is(tests.steps(), 'one completed 0, two failed 0, three skipped 0', 'later steps are skipped');
select is((tests.run()).error_message, 'Step 2, two: The model is asleep.', 'the run says which step failed and why');
select is(
  (select last_error from public.agent_tasks), 'Step 2, two: The model is asleep.', 'the task says it too'
);
select tests.act_as_nobody();
select is_empty(
  'select id from private.jobs union all select id from private.dead_jobs', 'a failed run leaves no job behind'
);

select tests.act_as('ada');
select is(
  (select completed_step_count from public.retry_task_run((tests.run()).id)), 1,
  'a retry takes over what the failed run completed'
);
select tests.act_as_service();
select tests.claim();
select is(
  (select string_agg(step ->> 'status', ' ') from jsonb_array_elements(tests.started() -> 'steps') as step),
  'completed pending pending', 'and begins with the step that failed'
);
select tests.start_step(2);
select tests.complete_step(2);
select tests.start_step(3);
select is(tests.complete_step(3), 'completed', 'and comes to its end');
select is((select last_error from public.agent_tasks), null, 'then the task has no error any more');

-- Cancelled while it runs.
select tests.act_as('ada');
select public.run_task_now(current_setting('tests.task')::uuid);
select tests.act_as_service();
select tests.claim();
select tests.started();
select tests.start_step(1);
select tests.act_as('ada');
select is((public.cancel_task_run((tests.run()).id)).status, 'cancelled', 'a running run can be cancelled');
select is(tests.steps(), 'one skipped 0, two skipped 0, three skipped 0', 'its steps are skipped');
select tests.act_as_service();
select is(tests.complete_step(1), 'cancelled', 'its worker learns of it with its next word');
select tests.act_as_nobody();
select is_empty('select from private.jobs', 'and the job is ended');

-- From the attacker's side.
select tests.act_as('ada');
select throws_ok('select public.start_task_run(1, 1)', '42501', null, 'a user cannot play the worker');
select throws_ok(
  $$select public.complete_task_run_step(1, 1, gen_random_uuid(), '{}', 0, 0, 0)$$,
  '42501', null, 'nor invent a result'
);
select throws_ok(
  $$update public.agent_task_runs set status = 'completed'$$, '42501', null, 'nor rewrite a run'
);
select throws_ok('delete from public.agent_task_run_steps', '42501', null, 'nor the history');

select * from finish();
rollback;
