-- fail_task_run_step(): how often a step is tried, and when. And what a result needs to be posted.
begin;

create function tests.attempt(p_retryable boolean default true, p_after integer default 0)
returns text
language sql
as $$
  with claimed as materialized (
    select id, lease_token, public.start_task_run(id, lease_token) -> 'steps' -> 0 ->> 'id' as step_id
    from public.claim_jobs('tasks', 1, 60, 'worker')
  ), begun as materialized (
    select claimed.*, public.start_task_run_step(id, lease_token, step_id::uuid) from claimed
  )
  select public.fail_task_run_step(id, lease_token, step_id::uuid, 'Too many requests', p_retryable, p_after)
  from begun
$$;
create function tests.complete()
returns text
language sql
as $$
  with claimed as materialized (
    select id, lease_token, public.start_task_run(id, lease_token) -> 'steps' -> 0 ->> 'id' as step_id
    from public.claim_jobs('tasks', 1, 60, 'worker')
  ), begun as materialized (
    select claimed.*, public.start_task_run_step(id, lease_token, step_id::uuid) from claimed
  )
  select public.complete_task_run_step(id, lease_token, step_id::uuid, '{"text": "A result."}', 1, 1, 0)
  from begun
$$;

select plan(19);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility) values ('Scribe', 'You write.', 'organization');
insert into public.workspaces (name, is_public) values ('Newsroom', true);
insert into public.chat_channels (workspace_id, name) select id, 'desk' from public.workspaces where name = 'Newsroom';
insert into public.workspace_members (workspace_id, user_id)
select id, tests.user_id('bob') from public.workspaces where name = 'Newsroom';
select set_config('tests.channel', (select id::text from public.chat_channels where name = 'desk'), true);
select set_config('tests.agent', (select id::text from public.agents), true);
insert into public.agent_tasks (agent_id, name) values (current_setting('tests.agent')::uuid, 'report');
select set_config('tests.task', (select id::text from public.agent_tasks), true);
select public.run_task_now(current_setting('tests.task')::uuid);

select tests.act_as_service();
select is(tests.attempt(), 'retry', 'the first of five attempts is retried');
select is(tests.attempt(), 'retry', 'the second');
select is(tests.attempt(), 'retry', 'the third');
select is(tests.attempt(), 'retry', 'the fourth');
select is((select retry_count from public.agent_task_run_steps), 4, 'the step counts them');
select is(tests.attempt(), 'failed', 'after the fifth the run has failed');
select row_eq(
  'select status, error_message from public.agent_task_runs',
  row('failed'::text, 'Step 1, report: Too many requests'::text), 'with the last error'
);
select tests.act_as('ada');
select public.retry_task_run(id) from public.agent_task_runs;
select tests.act_as_service();
select is(tests.attempt(true, 120), 'retry', 'whoever refused can say how long to wait');
select tests.act_as_nobody();
select is(
  (select run_at from private.jobs), now() + interval '120 seconds', 'and is not asked before'
);
select tests.act_as_service();
select is(tests.attempt(), null, 'until then there is no job to claim');
-- A task of somebody who is in the workspace, and then is not.
select tests.act_as('bob');
insert into public.agent_tasks (agent_id, name, target_conversation_id, organization_id)
values (
  current_setting('tests.agent')::uuid, 'posting', current_setting('tests.channel')::uuid,
  tests.organization_of('ada')
);
select set_config('tests.task', (select id::text from public.agent_tasks where name = 'posting'), true);
select public.run_task_now(current_setting('tests.task')::uuid);
select tests.act_as_service();
select is(tests.complete(), 'completed', 'a run of a member of the workspace completes');
select is(
  (select count(*) from public.chat_messages where channel_id = current_setting('tests.channel')::uuid),
  1::bigint, 'and posts its result'
);
select is(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role', 'service_role', 'the worker stays who it is');
select tests.act_as('ada');
update public.chat_channels set is_public = false;
select tests.act_as('bob');
select public.run_task_now(current_setting('tests.task')::uuid);
select tests.act_as_service();
select is(tests.complete(), 'completed', 'a run whose user lost the channel completes');
select is(
  (select count(*) from public.chat_messages where channel_id = current_setting('tests.channel')::uuid),
  1::bigint, 'but posts nothing there'
);
select is(
  (select error_message from public.agent_task_runs order by created_at desc limit 1),
  'The result was not posted: the user of the task may not write in its channel.', 'and says so'
);
select tests.act_as('bob');
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, target_conversation_id, organization_id)
    values (current_setting('tests.agent')::uuid, 'sneaky', current_setting('tests.channel')::uuid,
      tests.organization_of('ada'))$$,
  'PT403', null, 'nobody sends results to a channel that they cannot write in'
);
select throws_ok(
  $$update public.agent_tasks set target_conversation_id = gen_random_uuid() where name = 'posting'$$,
  'PT403', null, 'nor to one that does not exist'
);
select tests.act_as_nobody();
delete from public.chat_channels where id = current_setting('tests.channel')::uuid;
select is(
  (select target_conversation_id from public.agent_tasks where name = 'posting'), null,
  'a task outlives its channel'
);

select * from finish();
rollback;
