-- private.dispatch_due_tasks(): what happens when a run is due while another is unfinished.
begin;

create function tests.make_due(p_name text, p_late interval default '1 second')
returns void
language sql
security definer
as $$
  update public.agent_tasks set next_run_at = now() - p_late where name = p_name
$$;
-- The runs of a task in the order of their making: * given to the workers, - waiting its turn.
create function tests.runs(p_name text)
returns text
language sql
security definer
stable
as $$
  select string_agg(
    trigger || ' ' || agent_task_runs.status || case when enqueued_at is null then '-' else '*' end,
    ', ' order by scheduled_for, agent_task_runs.created_at
  )
  from public.agent_task_runs
  join public.agent_tasks on agent_tasks.id = agent_task_runs.task_id
  where agent_tasks.name = p_name
$$;
create function tests.jobs()
returns bigint
language sql
security definer
stable
as $$
  select count(*) from private.jobs where queue = 'tasks'
$$;

select plan(25);
select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, cron_expression, overlap_policy, max_executions)
select agents.id, policy, '* * * * *', policy, 10
from public.agents, unnest(array['skip', 'queue', 'replace', 'allow']) as policy;
select tests.act_as_nobody();

-- The first time, all are alike.
select is(private.dispatch_due_tasks(), 0, 'nothing is due yet');
select tests.make_due(name) from public.agent_tasks;
select is(private.dispatch_due_tasks(), 4, 'every due task gets its run');
select is(tests.runs('skip'), 'schedule pending*', 'which is given to the workers');
select is(tests.jobs(), 4::bigint, 'by one job each');
select is(private.dispatch_due_tasks(), 0, 'an occurrence is dispatched once');
select is(
  (select next_run_at from public.agent_tasks where name = 'skip'),
  date_trunc('minute', now()) + interval '1 minute', 'the schedule moves on'
);
select is(
  (select scheduled_for from public.agent_task_runs
   join public.agent_tasks on agent_tasks.id = task_id where agent_tasks.name = 'skip'),
  now() - interval '1 second', 'the run knows for which instant it is'
);
select row_eq(
  $$select step_order, step_name, agent_task_run_steps.instructions from public.agent_task_run_steps
    join public.agent_task_runs on agent_task_runs.id = run_id
    join public.agent_tasks on agent_tasks.id = task_id where agent_tasks.name = 'skip'$$,
  row(1, 'skip'::text, 'skip'::text), 'a task without steps runs as one step'
);

-- The second time, the first run is unfinished.
select tests.make_due(name, '500 ms') from public.agent_tasks;
select is(private.dispatch_due_tasks(), 3, 'three of four make another run');
select is(tests.runs('skip'), 'schedule pending*', 'skip leaves it out');
select is((select skipped_executions from public.agent_tasks where name = 'skip'), 1, 'and counts that');
select is(tests.runs('queue'), 'schedule pending*, schedule pending-', 'queue lets it wait without a job');
select is(tests.runs('replace'), 'schedule cancelled*, schedule pending*', 'replace cancels the unfinished');
select is(tests.runs('allow'), 'schedule pending*, schedule pending*', 'allow runs both');
select is(tests.jobs(), 5::bigint, 'a replaced run leaves no job');
select results_eq(
  'select name, total_executions from public.agent_tasks order by name',
  $$values ('allow', 2), ('queue', 2), ('replace', 2), ('skip', 1)$$, 'every run made counts'
);

-- The queue moves on.
select tests.act_as('ada');
select public.cancel_task_run(agent_task_runs.id)
from public.agent_task_runs
join public.agent_tasks on agent_tasks.id = task_id
where agent_tasks.name = 'queue' and enqueued_at is not null;
select is(
  tests.runs('queue'), 'schedule cancelled*, schedule pending*', 'when one ends, the next waiting run gets its turn'
);

-- A queue does not grow for ever.
select tests.act_as_nobody();
insert into public.agent_task_runs (organization_id, task_id, trigger, scheduled_for)
select organization_id, id, 'schedule', now() - make_interval(mins => n)
from public.agent_tasks, generate_series(1, 99) as n
where name = 'queue';
select tests.make_due('queue', '250 ms');
select is(private.dispatch_due_tasks(), 0, 'a task with 100 unfinished runs makes no more');

-- The guard under it all.
select throws_ok(
  $$insert into public.agent_task_runs (organization_id, task_id, trigger, scheduled_for)
    select organization_id, task_id, trigger, scheduled_for from public.agent_task_runs limit 1$$,
  '23505', null, 'the same occurrence cannot have two runs'
);

-- Steps are pinned.
select tests.act_as('ada');
insert into public.agent_tasks (agent_id, name, cron_expression) select id, 'steps', '* * * * *' from public.agents;
select public.create_task_step(
  (select id from public.agent_tasks where name = 'steps'), null, step, 'Do what it says.', step = 'two'
)
from unnest(array['one', 'two', 'three']) as step;
select tests.act_as_nobody();
select tests.make_due('steps');
select private.dispatch_due_tasks();
select tests.act_as('ada');
select public.delete_task_step(id) from public.task_steps where step_name = 'one';
select public.update_task_step(id, 'changed') from public.task_steps where step_name = 'two';
select results_eq(
  $$select step_order, step_name, include_previous_context, task_step_id is null
    from public.agent_task_run_steps where step_name <> 'allow'
    and run_id = (select id from public.agent_task_runs where step_count = 3) order by 1$$,
  $$values (1, 'one', false, true), (2, 'two', true, false), (3, 'three', false, false)$$,
  'a run keeps the steps it was made with'
);

-- Deleting takes everything along.
select tests.act_as('ada');
delete from public.agent_tasks;
select tests.act_as_nobody();
select is(tests.jobs(), 0::bigint, 'no job outlives its task');
select is_empty('select from public.agent_task_run_steps', 'nor does a step of a run');

-- An organization that is deleted.
select tests.act_as('ada');
insert into public.agent_tasks (agent_id, name, cron_expression) select id, 'last', '* * * * *' from public.agents;
select public.run_task_now(id) from public.agent_tasks;
select tests.act_as_nobody();
select is(tests.jobs(), 1::bigint, 'a run has its job');
delete from public.agents;
select is(tests.jobs(), 0::bigint, 'which goes with the agent');
select is_empty('select from public.agent_tasks', 'as does the task');

select * from finish();
rollback;
