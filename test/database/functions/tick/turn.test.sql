-- tick(): one turn of the engine.
begin;

create function tests.tick()
returns jsonb
language sql
as $$
  select set_config('tests.tick', public.tick()::text, true)::jsonb
$$;

select plan(19);
select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, cron_expression, max_executions)
select id, 'report', '* * * * *', 1 from public.agents;

select tests.act_as_service();
-- What was just written is sealed by the first turn.
select tests.tick();
select is_empty(
  $$ select key, value from jsonb_each(public.tick()) where value not in ('0', '[]') $$,
  'a turn without work does nothing and wakes nobody'
);
select tests.act_as_nobody();
update public.agent_tasks set next_run_at = now();
select tests.act_as_service();
select is(tests.tick() ->> 'runs_dispatched', '1', 'a due task is dispatched');
select is(current_setting('tests.tick')::jsonb -> 'functions', '["task-runner"]', 'and the function that does it is named');
select is(tests.tick() ->> 'runs_dispatched', '0', 'once');

-- A worker that is killed again and again.
select tests.act_as_nobody();
update private.jobs set max_attempts = 1;
select tests.act_as_service();
select public.start_task_run(id, lease_token) from public.claim_jobs('tasks', 1, 60, 'worker');
select is((select status from public.agent_task_runs), 'running', 'a worker begins the run');
select tests.act_as_nobody();
update private.jobs set leased_until = now() - interval '1 second';
select tests.act_as_service();
select tests.tick();
select is(current_setting('tests.tick')::jsonb ->> 'leases_returned', '1', 'its lease ends');
select is(current_setting('tests.tick')::jsonb ->> 'runs_failed', '1', 'with the last attempt, the run has failed');
select matches(
  (select error_message from public.agent_task_runs), '^The run broke off after 1 attempts', 'and says why'
);
select is((select status::text from public.agent_task_run_steps), 'failed', 'the open step has failed with it');
select is(
  (select status::text from public.agent_tasks), 'completed', 'a task whose only run is over is completed'
);
select tests.act_as_nobody();
select isnt_empty('select from private.dead_jobs', 'the dead job is kept for the operator');
select set_config('tests.dead', (select max(id)::text from private.dead_jobs), true);

-- Replaying that job changes nothing.
select tests.act_as_service();
select public.replay_dead_job(current_setting('tests.dead')::bigint);
select is(
  (select public.start_task_run(id, lease_token) from public.claim_jobs('tasks', 1, 60, 'worker')), null,
  'a replayed job finds its run over'
);
select is((select status from public.agent_task_runs), 'failed', 'and leaves it');

-- A job that was taken out by hand.
select tests.act_as('ada');
update public.agent_tasks set max_executions = 5, status = 'active';
select public.run_task_now(id) from public.agent_tasks;
select tests.act_as_nobody();
delete from private.jobs;
select tests.act_as_service();
select is(tests.tick() ->> 'runs_failed', '1', 'a run without a job does not wait for ever');
select is(
  (select error_message from public.agent_task_runs where trigger = 'manual'),
  'The run broke off: its job is gone from the queue.', 'it says why'
);

-- One broken part does not stop the others.
select tests.act_as_nobody();
create or replace function private.dispatch_due_tasks(p_limit integer default 10000)
returns integer language plpgsql volatile set search_path = '' as $$ begin raise 'broken'; end; $$;
select tests.act_as_service();
select is(tests.tick() -> 'errors', '["runs_dispatched: broken"]', 'a part that fails is named');
select is(current_setting('tests.tick')::jsonb ->> 'tasks_ended', '0', 'the parts after it have their turn');

select tests.act_as('ada');
select throws_ok('select public.tick()', '42501', null, 'a user does not turn the engine');
select tests.act_as_anon();
select throws_ok('select public.tick()', '42501', null, 'nor does a visitor');

select * from finish();
rollback;
