-- Jobs in flight: commands are refused without room, and the schedule waits for room.
begin;
select plan(22);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');

create function tests.limit_jobs(p_limit integer) returns void language sql as $$
  update public.organization_quotas set jobs_in_flight_limit = p_limit
  where organization_id = tests.organization_of('ada')
$$;
-- A run that nobody works on yet.
create function tests.waiting_run() returns uuid language sql security definer as $$
  select (payload ->> 'run_id')::uuid from private.jobs where leased_until is null limit 1
$$;
create function tests.jobs_of(p_name text) returns bigint language sql as $$
  select count(*) from private.jobs where organization_id = tests.organization_of(p_name)
$$;

select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, cron_expression, overlap_policy)
select id, 'report', '0 9 * * *', 'allow' from public.agents;
insert into public.agent_tasks (agent_id, name, event_name, task_type, overlap_policy)
select agents.id, 'event ' || n, 'paid', 'event_based', 'allow'
from public.agents, generate_series(1, 2) as n;
select set_config('tests.task', (select id::text from public.agent_tasks where name = 'report'), true);

select lives_ok(
  $$ select public.run_task_now(current_setting('tests.task')::uuid) from generate_series(1, 3) $$,
  'without a limit every command starts its job'
);
select tests.act_as_nobody();
select tests.limit_jobs(4);
select tests.act_as('ada');
select lives_ok(
  $$ select public.run_task_now(current_setting('tests.task')::uuid) $$, 'the last free place is taken'
);
select throws_ok(
  $$ select public.run_task_now(current_setting('tests.task')::uuid) $$,
  'PT429', 'The limit of jobs in flight is 4, and 4 are', 'then a command is refused'
);
select tests.act_as_nobody();
select is(
  (select count(*) from public.agent_task_runs), 4::bigint, 'without leaving a run behind'
);

-- Waiting and leased jobs count alike.
select tests.act_as_service();
select public.claim_jobs('tasks', 2, 60, 'worker');
select tests.act_as('ada');
select throws_ok(
  $$ select public.run_task_now(current_setting('tests.task')::uuid) $$, 'PT429', null,
  'a job that is worked on is in flight as well'
);

-- Cancelling makes room.
select public.cancel_task_run(tests.waiting_run());
select lives_ok(
  $$ select public.run_task_now(current_setting('tests.task')::uuid) $$, 'a cancelled run makes room'
);
select public.cancel_task_run(tests.waiting_run());
select throws_ok(
  $$ select public.emit_event('paid') $$, 'PT429', null, 'an event that starts more than there is room for is refused'
);
select tests.act_as_nobody();
select is(tests.jobs_of('ada'), 3::bigint, 'as a whole');
select tests.limit_jobs(5);
select tests.act_as('ada');
select is(public.emit_event('paid'), 2, 'with room it starts all');
select throws_ok(
  format('select public.retry_task_run(%L)', (
    select id from public.agent_task_runs where status = 'cancelled' limit 1
  )),
  'PT429', null, 'repeating a run is a command, too'
);

-- The service's commands are held to it as well.
select tests.act_as_service();
select throws_ok(
  $$ select public.emit_event('paid', '{}', tests.organization_of('ada')) $$, 'PT429', null,
  'an event that the service passes on is refused alike'
);
select is(
  public.enqueue_job('tasks', 'test', '{}', tests.organization_of('ada')) > 0, true,
  'what the engine itself must do is not'
);

-- The schedule.
select tests.act_as('eve');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, cron_expression)
select id, 'eve', '* * * * *' from public.agents;
select tests.act_as('ada');
insert into public.agent_tasks (agent_id, name, cron_expression)
select agents.id, 'due ' || n, '* * * * *' from public.agents, generate_series(1, 3) as n;
select tests.act_as_nobody();
update public.agent_tasks set next_run_at = now() where cron_expression = '* * * * *';
select is(private.dispatch_due_tasks(), 1, 'the schedule passes by an organization without room');
select is(tests.jobs_of('eve'), 1::bigint, 'and starts what others have due');
select is(
  (select count(*) from public.agent_tasks where name like 'due %' and next_run_at <= now()),
  3::bigint, 'what it passed by stays due'
);
select tests.limit_jobs(8);
select is(private.dispatch_due_tasks(), 2, 'a later turn starts as much as there is room for');
select is(tests.jobs_of('ada'), 8::bigint, 'and no more');
select tests.limit_jobs(null);
select is(private.dispatch_due_tasks(), 1, 'without a limit the rest follows');

-- From the attacker's side.
select tests.limit_jobs(0);
select tests.act_as('eve');
select throws_ok(
  $$ select private.require_job_room(tests.organization_of('ada')) $$, '42501', null,
  'nobody asks about the room of others'
);
select throws_ok(
  $$ select private.lock_due_tasks(1) $$, '42501', null, 'nor holds their tasks'
);
select tests.act_as('bob');
select is_empty(
  $$ update public.organization_quotas set jobs_in_flight_limit = null
     where organization_id = tests.organization_of('ada') returning 1 $$,
  'an admin who meets the limit does not lift it'
);
select throws_ok(
  $$ select public.emit_event('paid', '{}', tests.organization_of('ada')) $$, 'PT429', null, '0 is none'
);

select * from finish();
rollback;
