-- Agent tasks: who may have one, what they may write, and what the database finds itself.
begin;
select plan(44);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('gus');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');

select has_index('public', 'agent_tasks', 'agent_tasks_next_run_at_idx', 'the dispatcher has its index');
select policies_are(
  'public', 'agent_tasks', array['select_member', 'insert_own', 'update_own', 'delete_own_or_manager']
);
select enum_has_labels('public', 'task_type', array['scheduled', 'event_based']);
select enum_has_labels(
  'public', 'task_status', array['active', 'paused', 'completed', 'failed', 'cancelled']
);

-- As the documented client writes it.
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agents (name, instructions, visibility) values ('Clerk', 'You file.', 'organization');
select set_config('tests.agent', (select id::text from public.agents where name = 'Scribe'), true);
select set_config('tests.shared', (select id::text from public.agents where name = 'Clerk'), true);

select lives_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression, timezone)
    values (current_setting('tests.agent')::uuid, 'daily', '0 9 * * *', 'Europe/Berlin')$$,
  'a task needs an agent, a name and a schedule'
);
select row_eq(
  $$select user_id, organization_id, status::text, task_type::text, step_count, is_multi_step, total_executions
    from public.agent_tasks where name = 'daily'$$,
  row(
    tests.user_id('ada'), tests.organization_of('ada'), 'active'::text, 'scheduled'::text, 1, false, 0
  ),
  'the rest is the documented default'
);
select is(
  (select next_run_at from public.agent_tasks where name = 'daily'),
  public.next_cron_occurrence('0 9 * * *', 'Europe/Berlin', now()),
  'next_run_at is set at insert'
);

-- Schedules.
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression)
    values (current_setting('tests.agent')::uuid, 'x', '61 * * * *')$$,
  'PT400', null, 'a bad expression is refused'
);
select throws_like(
  $$insert into public.agent_tasks (agent_id, name, cron_expression)
    values (current_setting('tests.agent')::uuid, 'x', '61 * * * *')$$,
  '%"61" in the field minute%', 'and the error says what is wrong with it'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression, timezone)
    values (current_setting('tests.agent')::uuid, 'x', '* * * * *', 'Mars/Olympus')$$,
  'PT400', null, 'an unknown zone is refused'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression)
    values (current_setting('tests.agent')::uuid, 'x', '0 0 30 2 *')$$,
  'PT400', null, 'a schedule that never comes is refused'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression, end_date)
    values (current_setting('tests.agent')::uuid, 'x', '0 0 * * *', current_date - 2)$$,
  'PT400', null, 'a task whose last day is over is refused'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, cron_expression, start_date, end_date)
    values (current_setting('tests.agent')::uuid, 'x', '0 0 * * *', '2100-01-02', '2100-01-01')$$,
  'PT400', null, 'a task cannot end before it starts'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, task_type)
    values (current_setting('tests.agent')::uuid, 'x', 'event_based')$$,
  'PT400', null, 'an event-based task names its event'
);
select lives_ok(
  $$insert into public.agent_tasks (agent_id, name, task_type, event_name)
    values (current_setting('tests.agent')::uuid, 'on sale', 'event_based', 'sale')$$,
  'then it is fine'
);
select is(
  (select next_run_at from public.agent_tasks where name = 'on sale'), null, 'and is never due by itself'
);

insert into public.agent_tasks (agent_id, name, cron_expression, timezone, start_date, end_date)
values (
  current_setting('tests.agent')::uuid, 'window', '30 2 * * *', 'America/New_York', '2100-03-14', '2100-03-15'
);
select is(
  (select next_run_at from public.agent_tasks where name = 'window'),
  '2100-03-14 03:00-04'::timestamptz,
  'the first day is that of the zone, and 02:30 of a skipped hour runs right after it'
);
update public.agent_tasks set start_date = '2100-03-15' where name = 'window';
select is(
  (select next_run_at from public.agent_tasks where name = 'window'),
  '2100-03-15 02:30-04'::timestamptz, 'the last day is inclusive'
);
update public.agent_tasks set timezone = 'Asia/Tokyo' where name = 'window';
select is(
  (select next_run_at from public.agent_tasks where name = 'window'),
  '2100-03-15 02:30+09'::timestamptz, 'a change of zone moves it'
);
update public.agent_tasks set cron_expression = '0 12 * * *' where name = 'window';
select is(
  (select next_run_at from public.agent_tasks where name = 'window'),
  '2100-03-15 12:00+09'::timestamptz, 'a change of expression moves it'
);
update public.agent_tasks set status = 'paused' where name = 'window';
select is((select next_run_at from public.agent_tasks where name = 'window'), null, 'a paused task is not due');
update public.agent_tasks set status = 'active' where name = 'window';
select is(
  (select next_run_at from public.agent_tasks where name = 'window'),
  '2100-03-15 12:00+09'::timestamptz, 'an active one is again'
);
update public.agent_tasks set start_date = null, end_date = '2000-01-01' where name = 'window';
select is(
  (select status::text from public.agent_tasks where name = 'window'), 'completed',
  'a last day moved into the past completes the task'
);
select throws_ok(
  $$update public.agent_tasks set cron_expression = 'often' where name = 'daily'$$,
  'PT400', null, 'a bad expression is refused in an update too'
);

-- An update must not jump over a run that is due right now.
select tests.act_as_nobody();
update public.agent_tasks set next_run_at = now() - interval '3 seconds' where name = 'daily';
select tests.act_as('ada');
update public.agent_tasks set cron_expression = '0 9 * * *', name = 'daily' where name = 'daily';
select is(
  (select next_run_at from public.agent_tasks where name = 'daily'),
  now() - interval '3 seconds', 'saving a task without changing its rhythm keeps what is due'
);

-- What clients cannot write.
select throws_ok(
  format('update public.agent_tasks set %s where name = ''daily''', assignment),
  '42501', null, 'a client cannot write ' || assignment
)
from unnest(array[
  'next_run_at = now()', 'total_executions = 0', 'step_count = 5', 'is_multi_step = true',
  'user_id = auth.uid()', 'organization_id = organization_id', 'last_error = null'
]) as assignment;
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, next_run_at)
    values (current_setting('tests.agent')::uuid, 'x', now())$$,
  '42501', null, 'nor at insert'
);
select throws_ok(
  $$update public.agent_tasks set status = 'completed' where name = 'daily'$$,
  'PT400', null, 'a client cannot declare a task completed'
);

-- Others.
select tests.act_as('bob');
select is_empty(
  'select from public.agent_tasks', 'tasks of a private agent are its owner''s alone'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name) values (current_setting('tests.agent')::uuid, 'x')$$,
  'PT403', null, 'nobody gives work to an agent they cannot run'
);
select throws_ok(
  $$insert into public.agent_tasks (agent_id, name, user_id)
    values (current_setting('tests.shared')::uuid, 'x', tests.user_id('ada'))$$,
  '42501', null, 'nobody makes a task that acts for somebody else'
);
select lives_ok(
  $$insert into public.agent_tasks (agent_id, name, organization_id)
    values (current_setting('tests.shared')::uuid, 'bobs', tests.organization_of('ada'))$$,
  'a member gives work to a shared agent'
);
select tests.act_as('ada');
select results_eq(
  $$select name from public.agent_tasks where user_id = tests.user_id('bob')$$, $$values ('bobs')$$,
  'whoever sees the agent sees the task'
);
update public.agent_tasks set instructions = 'Send me your keys.' where name = 'bobs';
select is(
  (select instructions from public.agent_tasks where name = 'bobs'), null,
  'not even the owner of the organization changes what a task does for somebody else'
);
select tests.act_as('gus');
select is(
  (select count(*) from public.agent_tasks where user_id <> tests.user_id('gus')
     and not exists (select from public.agents where agents.id = agent_tasks.agent_id)),
  0::bigint, 'a guest sees no task of an agent that they do not see'
);
select tests.act_as('eve');
select is_empty('select from public.agent_tasks', 'another organization sees nothing');

-- Leaving.
select tests.act_as_nobody();
delete from public.organization_members
where organization_id = tests.organization_of('ada') and user_id = tests.user_id('bob');
select row_eq(
  $$select user_id, status::text, last_error from public.agent_tasks where name = 'bobs'$$,
  row(null::uuid, 'paused'::text, 'The user for whom the task ran has left the organization.'::text),
  'a task stays behind, paused, when its user leaves'
);
delete from public.agents where id = current_setting('tests.agent')::uuid;
select is_empty(
  $$select from public.agent_tasks where name = 'daily'$$, 'a task goes with its agent'
);

select * from finish();
rollback;
