-- pause_task(), resume_task() and take_over_task(): who may, and what becomes of the schedule.
begin;
select plan(22);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('meg');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'meg', 'manager');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility) values ('Scribe', 'You write.', 'organization');
select set_config('tests.agent', (select id::text from public.agents), true);
select tests.act_as('bob');
insert into public.agent_tasks (agent_id, name, cron_expression)
values (current_setting('tests.agent')::uuid, 'report', '0 * * * *');
select set_config('tests.task', (select id::text from public.agent_tasks), true);

select is((public.pause_task(current_setting('tests.task')::uuid)).status::text, 'paused', 'its user pauses a task');
select is((select next_run_at from public.agent_tasks), null, 'then it is not due');
select is(
  (public.pause_task(current_setting('tests.task')::uuid)).status::text, 'paused', 'pausing twice is fine'
);
select is((public.resume_task(current_setting('tests.task')::uuid)).status::text, 'active', 'its user resumes it');
select is(
  (select next_run_at from public.agent_tasks), public.next_cron_occurrence('0 * * * *', 'UTC', now()),
  'from now on: what fell due meanwhile is not made up for'
);
select is(
  (public.resume_task(current_setting('tests.task')::uuid)).status::text, 'active', 'resuming twice is fine'
);
select throws_ok(
  $$select public.take_over_task(current_setting('tests.task')::uuid)$$,
  'PT403', null, 'taking over takes tasks.manage, also for one''s own'
);

select tests.act_as('meg');
select is(
  (public.pause_task(current_setting('tests.task')::uuid)).status::text, 'paused',
  'whoever holds tasks.manage pauses a task of others'
);
select is(
  (public.take_over_task(current_setting('tests.task')::uuid)).user_id, tests.user_id('meg'),
  'and takes it over'
);
select is(
  (public.resume_task(current_setting('tests.task')::uuid)).status::text, 'active', 'and resumes it as their own'
);

select tests.act_as('bob');
select throws_ok(
  $$select public.pause_task(current_setting('tests.task')::uuid)$$, 'PT403', null, 'then it is not the first user''s any more'
);
select lives_ok('delete from public.agent_tasks', 'deleting touches own tasks only');
select isnt_empty('select from public.agent_tasks', 'so the task is still there');

select tests.act_as('eve');
select throws_ok(
  $$select public.pause_task(current_setting('tests.task')::uuid)$$, 'PT404', null, 'a stranger pauses nothing'
);
select throws_ok(
  $$select public.resume_task(current_setting('tests.task')::uuid)$$, 'PT404', null, 'resumes nothing'
);
select throws_ok(
  $$select public.take_over_task(current_setting('tests.task')::uuid)$$, 'PT404', null, 'and takes nothing over'
);
select tests.act_as_anon();
select throws_ok(
  $$select public.pause_task(current_setting('tests.task')::uuid)$$, '42501', null, 'a visitor may not even ask'
);

-- Its user leaves.
select tests.act_as_nobody();
delete from public.organization_members where user_id = tests.user_id('meg') and organization_id = tests.organization_of('ada');
select tests.act_as('ada');
select throws_ok(
  $$select public.resume_task(current_setting('tests.task')::uuid)$$,
  'PT409', null, 'a task that runs for nobody cannot be resumed'
);
select public.take_over_task(current_setting('tests.task')::uuid);
select lives_ok(
  $$select public.resume_task(current_setting('tests.task')::uuid)$$, 'until somebody takes it over'
);

-- Stopped for good.
select public.run_task_now(current_setting('tests.task')::uuid);
update public.agent_tasks set status = 'cancelled';
select is(
  (select status from public.agent_task_runs), 'cancelled', 'cancelling a task cancels its unfinished runs'
);
select throws_ok(
  $$select public.resume_task(current_setting('tests.task')::uuid)$$, 'PT409', null, 'a cancelled task cannot be resumed'
);
select throws_ok(
  $$select public.pause_task(current_setting('tests.task')::uuid)$$, 'PT409', null, 'nor paused'
);

select * from finish();
rollback;
