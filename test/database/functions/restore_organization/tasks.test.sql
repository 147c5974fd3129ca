-- Tasks of an organization that waits to be deleted do not run and do not pile up runs that fail;
-- exactly those that were stopped go on when it is restored.
begin;
select plan(18);

select tests.create_user('ada');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
insert into public.agents (organization_id, name) values
  (current_setting('tests.acme')::uuid, 'Scribe'), (tests.organization_of('ada'), 'Scribe');
insert into public.agent_tasks
  (agent_id, name, instructions, task_type, status, cron_expression, event_name)
select agents.id, task.name, 'Do it.', task.type::public.task_type,
  task.status::public.task_status, task.cron, task.event
from public.agents
cross join (
  values
    ('daily', 'scheduled', 'active', '0 9 * * *', null),
    ('resting', 'scheduled', 'paused', '0 9 * * *', null),
    ('on event', 'event_based', 'active', null, 'rain'),
    ('by hand', 'scheduled', 'active', null, null),
    ('ending', 'scheduled', 'active', '0 9 * * *', null),
    ('orphan', 'scheduled', 'active', '0 9 * * *', null)
) as task (name, type, status, cron, event);
select public.run_task_now(agent_tasks.id) from public.agent_tasks where name = 'by hand';

select tests.act_as_nobody();
create function tests.tasks_of(p_organization_id uuid) returns table (name text, status text)
language sql as $$
  select agent_tasks.name, agent_tasks.status::text from public.agent_tasks
  where agent_tasks.organization_id = p_organization_id
  order by agent_tasks.name
$$;
create table tests.before as select * from tests.tasks_of(current_setting('tests.acme')::uuid);

select tests.act_as('ada');
select public.delete_organization(current_setting('tests.acme')::uuid);
select tests.act_as_nobody();
select results_eq(
  $$ select distinct status from tests.tasks_of(current_setting('tests.acme')::uuid) $$,
  array['paused'],
  'all its tasks are paused'
);
select results_eq(
  $$ select * from tests.tasks_of(tests.organization_of('ada')) $$,
  'select * from tests.before',
  'those of other organizations are not'
);
select results_eq(
  $$ select status, error_message from public.agent_task_runs
    where organization_id = current_setting('tests.acme')::uuid $$,
  $$ values ('cancelled', 'The organization is about to be deleted.') $$,
  'a run that was waiting is cancelled'
);
select results_eq(
  $$ select status from public.agent_task_runs where organization_id = tests.organization_of('ada') $$,
  array['pending'], 'one elsewhere waits on'
);
select is_empty(
  $$ select from private.jobs where organization_id = current_setting('tests.acme')::uuid $$,
  'no job is left for the workers'
);
select is_empty(
  $$ select from public.agent_tasks
    where organization_id = current_setting('tests.acme')::uuid and next_run_at is not null $$,
  'nothing is due'
);
select tests.act_as_service();
select is(
  public.emit_event('rain', '{}', current_setting('tests.acme')::uuid), 0, 'an event starts nothing'
);

-- A task that slips in, as one that was being written at that moment.
select tests.act_as_nobody();
insert into public.agent_tasks
  (organization_id, agent_id, user_id, name, instructions, cron_expression)
select organization_id, id, user_id, 'late', 'Do it.', '* * * * *' from public.agents
where organization_id = current_setting('tests.acme')::uuid;
select is(private.delete_due_organizations(), 0, 'the engine deletes nothing early');
select is(
  (select status from public.agent_tasks where name = 'late'), 'paused'::public.task_status,
  'and pauses what slipped in'
);
select private.tick();
select is(
  (
    select count(*)::integer from public.agent_task_runs
    where organization_id = current_setting('tests.acme')::uuid
  ),
  1, 'turns of the engine make no runs'
);

-- Meanwhile one task's time runs out, and one's user leaves.
update public.agent_tasks set end_date = current_date - 1 where name = 'ending';
update public.agent_tasks set user_id = null where name = 'orphan'
  and organization_id = current_setting('tests.acme')::uuid;

select tests.act_as('ada');
select lives_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$,
  'an organization with any tasks is restored'
);
select tests.act_as_nobody();
select results_eq(
  $$ select * from tests.tasks_of(current_setting('tests.acme')::uuid) $$,
  $$ values ('by hand', 'active'), ('daily', 'active'), ('ending', 'completed'), ('late', 'active'),
    ('on event', 'active'), ('orphan', 'paused'), ('resting', 'paused') $$,
  'those that were stopped go on; who rested, rests; what ended meanwhile has ended'
);
select cmp_ok(
  (
    select next_run_at from public.agent_tasks
    where name = 'daily' and organization_id = current_setting('tests.acme')::uuid
  ),
  '>', now(), 'from now on: what fell due meanwhile is not made up for'
);
select is_empty('select from private.tasks_paused_by_deletion', 'nothing is remembered any more');
select tests.act_as('ada');
select lives_ok(
  $$
    select public.run_task_now(id) from public.agent_tasks
    where name = 'by hand' and organization_id = current_setting('tests.acme')::uuid
  $$,
  'and tasks run'
);

-- A schedule that cannot be read any more does not stand in the way.
select public.delete_organization(current_setting('tests.acme')::uuid);
select tests.act_as_nobody();
alter table public.agent_tasks disable trigger _300_schedule_agent_task;
update public.agent_tasks set timezone = 'Atlantis/Poseidonis' where name = 'daily';
alter table public.agent_tasks enable trigger _300_schedule_agent_task;
select tests.act_as('ada');
select lives_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$,
  'an organization is restored also where a time zone went out of use'
);
select results_eq(
  $$ select status::text, last_error is not null from public.agent_tasks
    where name = 'daily' and organization_id = current_setting('tests.acme')::uuid $$,
  $$ values ('paused', true) $$,
  'its task stays paused and says why'
);
select is_empty(
  $$ select from public.agent_task_runs where status = 'failed' $$, 'and no run has ever failed'
);

select * from finish();
rollback;
