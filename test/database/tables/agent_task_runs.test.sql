-- Runs and their steps: read by whoever sees the task, written by nobody but the engine.
begin;
select plan(22);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agents (name, instructions, visibility) values ('Clerk', 'You file.', 'organization');
insert into public.agent_tasks (agent_id, name) select id, lower(name) from public.agents;
select public.run_task_now(id) from public.agent_tasks;

select policies_are('public', 'agent_task_runs', array['select_member']);
select policies_are('public', 'agent_task_run_steps', array['select_member']);
select is((select count(*) from public.agent_task_runs), 2::bigint, 'the owner of tasks reads all their runs');
select is((select count(*) from public.agent_task_run_steps), 2::bigint, 'and the steps of the runs');

select tests.act_as('bob');
select results_eq(
  'select step_name from public.agent_task_run_steps join public.agent_task_runs on agent_task_runs.id = run_id',
  $$values ('clerk')$$, 'a member reads those of agents that they see'
);
select tests.act_as('eve');
select is_empty('select from public.agent_task_runs', 'another organization reads no runs');
select is_empty('select from public.agent_task_run_steps', 'and no steps');
select tests.act_as_anon();
select throws_ok('select from public.agent_task_runs', '42501', null, 'a visitor reads nothing');

select tests.act_as('ada');
select throws_ok(
  format(statement, relation), '42501', null, actor || ' cannot: ' || format(statement, relation)
)
from (values ('a client')) as actors (actor),
  unnest(array['public.agent_task_runs', 'public.agent_task_run_steps']) as relation,
  unnest(array['insert into %s default values', 'update %s set status = ''completed''', 'delete from %s']) as statement;
select tests.act_as_service();
select throws_ok(
  $$update public.agent_task_runs set status = 'completed'$$, '42501', null, 'nor can the service, past the engine'
);

select tests.act_as_nobody();
select throws_ok(
  $$update public.agent_task_runs set status = 'completed'$$, '23514', null, 'a run that is over says since when'
);
select throws_ok(
  $$update public.agent_task_runs set scheduled_for = now()$$, '23514', null, 'only the schedule dates a run'
);
select throws_ok(
  $$update public.agent_task_run_steps set organization_id = tests.organization_of('eve')$$,
  '23503', null, 'a step stays in the organization of its run'
);
select ok(
  (select bool_and(tablename is not null) from unnest(array['chat_messages', 'agent_task_runs', 'agent_task_run_steps']) as wanted
   left join pg_publication_tables on pubname = 'supabase_realtime' and tablename = wanted),
  'messages, runs and steps are followed live'
);

-- What goes with what.
delete from public.agents where name = 'Clerk';
select is((select count(*) from public.agent_task_runs), 1::bigint, 'runs go with the agent of their task');
select is((select count(*) from private.jobs), 1::bigint, 'and take their jobs along');
delete from public.organizations where id = tests.organization_of('ada');
select is_empty(
  $$ select id::text from public.agent_task_runs
    union all select id::text from private.jobs where queue <> 'storage' $$,
  'an organization leaves neither runs nor jobs'
);

select * from finish();
rollback;
