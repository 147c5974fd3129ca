-- start_task_run(): a run acts for the task's user, and only as long as that user may.
begin;

create function tests.start_next()
returns jsonb
language sql
as $$
  select public.start_task_run(id, lease_token) from public.claim_jobs('tasks', 1, 60, 'worker')
$$;
create function tests.last_run()
returns text
language sql
security definer
stable
as $$
  select status || ': ' || coalesce(error_message, '')
  from public.agent_task_runs
  order by created_at desc
  limit 1
$$;
create function tests.run_again()
returns void
language sql
security definer
as $$
  select private.create_task_runs(array[id], 'event', p_payload => '{"colour": "green"}')
  from public.agent_tasks
$$;

select plan(15);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility) values ('Scribe', 'You write.', 'organization');
select set_config('tests.agent', (select id::text from public.agents), true);
select tests.act_as('bob');
insert into public.agent_tasks (agent_id, name, instructions, task_type, event_name, overlap_policy)
values (current_setting('tests.agent')::uuid, 'bobs', 'Write a poem.', 'event_based', 'go', 'allow');

select tests.run_again();
select tests.act_as_service();
select set_config('tests.started', tests.start_next()::text, true);
select is(current_setting('tests.started')::jsonb -> 'payload', '{"colour": "green"}', 'a run is given its event');
select is(
  current_setting('tests.started')::jsonb -> 'steps' -> 0 ->> 'instructions', 'Write a poem.',
  'a task without steps has its instructions as the one step'
);
select is(
  current_setting('tests.started')::jsonb -> 'task' ->> 'instructions', null, 'and is not told them twice'
);

-- Suspended.
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.run_again();
select tests.act_as_service();
select is(tests.start_next(), null, 'a run for a suspended member does not start');
select is(
  tests.last_run(),
  'failed: The user for whom the task runs is no longer an active member of the organization.',
  'and says why'
);
select tests.act_as_nobody();
select is((select count(*) from private.jobs), 1::bigint, 'its job is ended');
update public.organization_members set status = 'active'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');

-- The agent is out of reach.
update public.agents set visibility = 'private';
select tests.run_again();
select tests.act_as_service();
select is(tests.start_next(), null, 'a run for somebody who lost sight of the agent does not start');
select is(
  tests.last_run(),
  'failed: The user for whom the task runs may not run the agent, or the agent is switched off.',
  'and says why'
);
select tests.act_as_nobody();
update public.agents set visibility = 'organization', is_active = false;
select tests.run_again();
select tests.act_as_service();
select is(tests.start_next(), null, 'nor does a run of an agent that is switched off');
select tests.act_as_nobody();
update public.agents set is_active = true;

-- Gone.
select tests.run_again();
delete from auth.users where id = tests.user_id('bob');
select tests.act_as_service();
select is(tests.start_next(), null, 'a run for a deleted user does not start');
select is(tests.last_run(), 'failed: The user for whom the task ran was deleted.', 'and says why');
select tests.act_as_nobody();
select isnt_empty('select from public.agent_tasks', 'the task stays, for somebody to take over');

-- Deleted under the worker's hands.
update public.agent_tasks set user_id = tests.user_id('ada');
select tests.run_again();
select tests.act_as_service();
select set_config('tests.job', id::text, true), set_config('tests.token', lease_token::text, true)
from public.claim_jobs('tasks', 1, 60, 'worker');
select tests.act_as_nobody();
delete from public.agent_tasks;
select tests.act_as_service();
select throws_ok(
  $$select public.start_task_run(current_setting('tests.job')::bigint, current_setting('tests.token')::bigint)$$,
  'PT409', null, 'a worker whose task was deleted has lost its lease'
);
select throws_ok('select public.start_task_run(0, 0)', 'PT409', null, 'a lease cannot be made up');
select throws_ok('select public.start_task_run(null, null)', 'PT409', null, 'nor left out');

select * from finish();
rollback;
