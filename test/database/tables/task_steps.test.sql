-- Task steps: read by whoever sees the task, changed through RPCs alone.
begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('eve');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name) select id, 'report' from public.agents;
select set_config('tests.task', (select id::text from public.agent_tasks), true);
select public.create_task_step(current_setting('tests.task')::uuid, 1, 'one', 'Do the first thing.');
select public.create_task_step(current_setting('tests.task')::uuid, 2, 'two', 'Do the second thing.');

select policies_are('public', 'task_steps', array['select_member']);
select enum_has_labels(
  'public', 'task_step_status', array['pending', 'running', 'completed', 'failed', 'skipped']
);
select columns_are('public', 'task_steps', array[
  'id', 'organization_id', 'task_id', 'step_order', 'step_name', 'instructions',
  'include_previous_context', 'status', 'execution_result', 'execution_started_at',
  'execution_completed_at', 'execution_duration_ms', 'error_message', 'retry_count', 'created_at',
  'updated_at'
]);
select results_eq(
  'select step_order, step_name, status::text, retry_count from public.task_steps order by 1',
  $$values (1, 'one', 'pending', 0), (2, 'two', 'pending', 0)$$, 'the owner reads the steps'
);
select row_eq(
  'select is_multi_step, step_count from public.agent_tasks', row(true, 2), 'the task knows how many it has'
);

select throws_ok(
  format('insert into public.task_steps (task_id, step_order, step_name, instructions) values (%L, 9, ''x'', ''Leave a gap, please.'')',
    current_setting('tests.task')),
  '42501', null, 'a client cannot insert a step past the RPC'
);
select throws_ok('update public.task_steps set step_order = 7', '42501', null, 'nor move one');
select throws_ok('delete from public.task_steps where step_order = 1', '42501', null, 'nor delete one');
select throws_ok(
  $$update public.task_steps set status = 'completed'$$, '42501', null, 'nor declare one done'
);

select tests.act_as('eve');
select is_empty('select from public.task_steps', 'another organization sees nothing');

select tests.act_as_service();
select throws_ok('delete from public.task_steps', '42501', null, 'the service keeps the order too');

select tests.act_as_nobody();
select throws_ok(
  $$update public.task_steps set step_order = 1 where step_order = 2$$,
  '23505', null, 'two steps never have the same place'
);
delete from public.agent_tasks;
select is_empty('select from public.task_steps', 'steps go with their task');

select * from finish();
rollback;
