-- private.dispatch_due_tasks(): what becomes of runs that were missed because nothing dispatched.
begin;

create function tests.runs(p_name text)
returns text
language sql
security definer
stable
as $$
  select string_agg(
    trigger || ' ' || to_char(now() - scheduled_for, 'FMMI') || 'm'
      || case when enqueued_at is null then '-' else '*' end,
    ', ' order by scheduled_for
  )
  from public.agent_task_runs
  join public.agent_tasks on agent_tasks.id = agent_task_runs.task_id
  where agent_tasks.name = p_name
$$;
-- A schedule of every tenth minute, counted from now, so that nothing falls due in the last minute.
create function tests.every_ten()
returns text
language sql
stable
as $$
  select string_agg(minute::text, ',') || ' * * * *'
  from (
    select (extract(minute from now() at time zone 'UTC')::integer + 5 + 10 * n) % 60 as minute
    from generate_series(0, 5) as n
    order by 1
  ) as minutes
$$;

select plan(19);
select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, cron_expression, misfire_policy)
select agents.id, policy, tests.every_ten(), policy
from public.agents, unnest(array['skip', 'run_once', 'catch_up']) as policy;
insert into public.agent_tasks (agent_id, name, cron_expression, misfire_policy)
select agents.id, 'minutely ' || policy, '* * * * *', policy
from public.agents, unnest(array['skip', 'run_once', 'catch_up']) as policy;
insert into public.agent_tasks (agent_id, name, cron_expression, misfire_policy, max_executions)
select agents.id, 'limited', tests.every_ten(), 'catch_up', 2 from public.agents;
insert into public.agent_tasks (agent_id, name, cron_expression, misfire_policy, overlap_policy)
select agents.id, 'parallel', tests.every_ten(), 'catch_up', 'allow' from public.agents;
select tests.act_as_nobody();

-- The tenth minutes last fell due 5, 15, 25 and 35 minutes ago.
update public.agent_tasks
set next_run_at = date_trunc('minute', now()) - interval '35 minutes'
where name not like 'minutely%';
update public.agent_tasks
set next_run_at = date_trunc('minute', now()) - interval '4 minutes'
where name like 'minutely%';
select private.dispatch_due_tasks();

select is(tests.runs('skip'), null, 'skip leaves out what was missed');
select is((select skipped_executions from public.agent_tasks where name = 'skip'), 1, 'and says so');
select is(tests.runs('run_once'), 'schedule 35m*', 'run_once makes one run for all that was missed');
select is((select total_executions from public.agent_tasks where name = 'run_once'), 1, 'which counts once');
select is((select skipped_executions from public.agent_tasks where name = 'run_once'), 0, 'and leaves nothing out');
select is(
  tests.runs('catch_up'), 'catch_up 35m*, catch_up 25m-, catch_up 15m-, catch_up 5m-',
  'catch_up makes up for each, one after the other, also where overlapping runs are skipped'
);
select is((select total_executions from public.agent_tasks where name = 'catch_up'), 4, 'and counts each');
select is(
  tests.runs('parallel'), 'catch_up 35m*, catch_up 25m*, catch_up 15m*, catch_up 5m*',
  'where overlap is allowed, they run at once'
);
select is(tests.runs('limited'), 'catch_up 35m*, catch_up 25m-', 'never more than max_executions allows');
select is((select next_run_at from public.agent_tasks where name = 'limited'), null, 'then the task is not due again');
select is((select status::text from public.agent_tasks where name = 'limited'), 'active', 'but is not completed before its runs are');
select is_empty(
  $$select name from public.agent_tasks where name <> 'limited' and next_run_at is distinct from
      public.next_cron_occurrence(cron_expression, timezone, now())$$,
  'the schedule goes on from now'
);

-- What fell due within the last minute is on time, not missed.
select is(tests.runs('minutely skip'), 'schedule 0m*', 'skip still makes the run that is on time');
select is(tests.runs('minutely run_once'), 'schedule 0m*', 'run_once counts it as the one');
select is(
  tests.runs('minutely catch_up'),
  'catch_up 4m*, catch_up 3m-, catch_up 2m-, catch_up 1m-, catch_up 0m-',
  'catch_up makes it the last of the row'
);

-- Far too much is worked off in turns.
update public.agent_tasks
set next_run_at = date_trunc('minute', now()) - interval '55 minutes'
where name = 'parallel';
delete from public.agent_task_runs;
update public.agent_tasks
set cron_expression = '* * * * *', misfire_policy = 'catch_up'
where name = 'parallel';
update public.agent_tasks
set next_run_at = date_trunc('minute', now()) - interval '59 minutes'
where name = 'parallel';
select is(private.dispatch_due_tasks(), 50, 'one turn makes up for 50 runs of a task');
select is(private.dispatch_due_tasks(), 10, 'the next goes on with the rest');

-- A rhythm that cannot be read any more stops its task, and no other.
alter table public.agent_tasks disable trigger _300_schedule_agent_task;
update public.agent_tasks set timezone = 'Atlantis/Capital', next_run_at = now() where name = 'skip';
alter table public.agent_tasks enable trigger _300_schedule_agent_task;
update public.agent_tasks set next_run_at = now() where name = 'run_once';
select is(private.dispatch_due_tasks(), 1, 'a zone that went out of use keeps nobody else waiting');
select row_eq(
  $$select status::text, last_error from public.agent_tasks where name = 'skip'$$,
  row('failed'::text, 'Cannot find the time zone "Atlantis/Capital"'::text), 'its task has failed and says why'
);

select * from finish();
rollback;
