-- run_task_now(), cancel_task_run() and retry_task_run(): who may, and when.
begin;

create function tests.end_runs(p_status text)
returns void
language sql
security definer
as $$
  update public.agent_task_runs
  set status = p_status, completed_at = now()
  where status in ('pending', 'running')
$$;

select plan(29);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('meg');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'meg', 'manager');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility) values ('Scribe', 'You write.', 'organization');
select set_config('tests.agent', (select id::text from public.agents), true);
insert into public.agent_tasks (agent_id, name, cron_expression, max_executions)
values (current_setting('tests.agent')::uuid, 'report', '0 9 * * *', 3);
select set_config('tests.task', (select id::text from public.agent_tasks), true);

select row_eq(
  $$select status, trigger, requested_by_user_id, user_id, scheduled_for
    from public.run_task_now(current_setting('tests.task')::uuid)$$,
  row('pending'::text, 'manual'::text, tests.user_id('ada'), tests.user_id('ada'), null::timestamptz),
  'a run by hand knows who asked for it'
);
select set_config('tests.run', (select id::text from public.agent_task_runs), true);
select row_eq(
  'select total_executions, last_run_at is not null from public.agent_tasks', row(1, true), 'it counts'
);
select throws_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$,
  'PT409', null, 'where overlapping runs are skipped, a second one is refused, not lost'
);
select throws_ok(
  $$select public.retry_task_run(current_setting('tests.run')::uuid)$$,
  'PT409', null, 'an unfinished run is not retried'
);

-- Others.
select tests.act_as('bob');
select isnt_empty('select from public.agent_task_runs', 'whoever sees the task sees its runs');
select throws_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$, 'PT403', null, 'a member runs own tasks only'
);
select throws_ok(
  $$select public.cancel_task_run(current_setting('tests.run')::uuid)$$, 'PT403', null, 'and cancels only theirs'
);
select throws_ok(
  $$select public.retry_task_run(current_setting('tests.run')::uuid)$$, 'PT403', null, 'and retries only theirs'
);
select tests.act_as('eve');
select throws_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$, 'PT404', null, 'a stranger runs nothing'
);
select throws_ok(
  $$select public.cancel_task_run(current_setting('tests.run')::uuid)$$, 'PT404', null, 'cancels nothing'
);
select throws_ok(
  $$select public.retry_task_run(current_setting('tests.run')::uuid)$$, 'PT404', null, 'retries nothing'
);
select is_empty('select from public.agent_task_runs', 'and sees no run');
select tests.act_as_anon();
select throws_ok('select public.run_task_now(gen_random_uuid())', '42501', null, 'a visitor may not ask');

-- Whoever manages tasks.
select tests.act_as('meg');
select is(
  (public.cancel_task_run(current_setting('tests.run')::uuid)).status, 'cancelled', 'tasks.manage cancels runs of others'
);
select throws_ok(
  $$select public.cancel_task_run(current_setting('tests.run')::uuid)$$, 'PT409', null, 'but not twice'
);
select is(
  (select user_id from public.run_task_now(current_setting('tests.task')::uuid)), tests.user_id('ada'),
  'and starts them; they still act for the task''s user'
);
select tests.end_runs('failed');

-- Retrying.
select tests.act_as('ada');
select row_eq(
  $$select trigger, retry_of_run_id from public.retry_task_run(current_setting('tests.run')::uuid)$$,
  row('retry'::text, current_setting('tests.run')::uuid), 'a retry is a run of its own that knows what it repeats'
);
select is((select total_executions from public.agent_tasks), 2, 'it does not count again');
select tests.end_runs('completed');
select throws_ok(
  $$select public.retry_task_run(id) from public.agent_task_runs where status = 'completed'$$,
  'PT409', null, 'what was completed is not retried'
);

-- Limits.
select public.pause_task(current_setting('tests.task')::uuid);
select lives_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$, 'a paused task can be tried out'
);
select is((select next_run_at from public.agent_tasks), null, 'which does not wake its schedule');
select tests.end_runs('completed');
select throws_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$,
  'PT409', null, 'after max_executions there is no run'
);
select throws_ok(
  $$select public.resume_task(current_setting('tests.task')::uuid)$$, 'PT400', null, 'and nothing to resume'
);
select lives_ok(
  $$update public.agent_tasks set max_executions = 10, status = 'active'$$, 'raising the limit brings it back'
);
select is(
  (select next_run_at from public.agent_tasks), public.next_cron_occurrence('0 9 * * *', 'UTC', now()),
  'with its schedule'
);
update public.agents set is_active = false;
select throws_ok(
  $$select public.run_task_now(current_setting('tests.task')::uuid)$$, 'PT403', null, 'an agent that is off is not run'
);
update public.agents set is_active = true;

-- Other policies.
update public.agent_tasks set overlap_policy = 'queue';
select public.run_task_now(current_setting('tests.task')::uuid);
select is(
  (select enqueued_at from public.run_task_now(current_setting('tests.task')::uuid)), null, 'a queued run waits'
);
update public.agent_tasks set overlap_policy = 'replace';
select isnt(
  (select enqueued_at from public.run_task_now(current_setting('tests.task')::uuid)), null, 'a replacing one does not'
);
select is(
  (select count(*) from public.agent_task_runs where status = 'pending'), 1::bigint, 'and is the only one left'
);

select * from finish();
rollback;
