-- emit_event(): starts what waits for an event, in one organization and nowhere else.
begin;
select plan(18);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('gus');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.act_as('eve');
insert into public.agents (name, instructions) values ('Spy', 'You listen.');
insert into public.agent_tasks (agent_id, name, task_type, event_name)
select id, 'eavesdrop', 'event_based', 'order.placed' from public.agents;
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
insert into public.agent_tasks (agent_id, name, task_type, event_name, status, start_date, end_date)
select agents.id, task.name, 'event_based', task.event, task.status::public.task_status, task.starts, task.ends
from public.agents,
  (values
    ('thank', 'order.placed', 'active', null, null),
    ('ship', 'order.placed', 'active', current_date - 7, current_date + 7),
    ('paused', 'order.placed', 'paused', null, null),
    ('later', 'order.placed', 'active', current_date + 7, null),
    ('over', 'order.placed', 'active', null::date, current_date - 7),
    ('other', 'order.cancelled', 'active', null, null)
  ) as task (name, event, status, starts, ends);

select is(
  public.emit_event('order.placed', '{"order": 7}'), 2,
  'an event starts the active tasks that wait for it, within their dates'
);
select results_eq(
  $$select agent_tasks.name, trigger, agent_task_runs.event_name, payload, requested_by_user_id
    from public.agent_task_runs join public.agent_tasks on agent_tasks.id = task_id order by 1$$,
  $$values
    ('ship', 'event', 'order.placed', '{"order": 7}'::jsonb, tests.user_id('ada')),
    ('thank', 'event', 'order.placed', '{"order": 7}'::jsonb, tests.user_id('ada'))$$,
  'their runs carry the event'
);
select is(public.emit_event('order.placed'), 0, 'the overlap policy holds for events too');
select is(
  (select sum(skipped_executions) from public.agent_tasks), 2::bigint, 'what it leaves out is counted'
);
select is(public.emit_event('nobody.waits'), 0, 'an event that nobody waits for starts nothing');
select is(
  public.emit_event('order.cancelled', p_organization_id => tests.organization_of('ada')), 1,
  'the organization can be named'
);

-- A task that is over ends by itself.
select tests.act_as_nobody();
select private.tick();
select is((select status::text from public.agent_tasks where name = 'over'), 'completed', 'a task past its last day is completed');
select is((select status::text from public.agent_tasks where name = 'later'), 'active', 'one before its first day waits');

-- Bad input.
select tests.act_as('ada');
select throws_ok($$select public.emit_event('')$$, 'PT400', null, 'an event has a name');
select throws_ok($$select public.emit_event(repeat('x', 201))$$, 'PT400', null, 'of at most 200 characters');
select throws_ok($$select public.emit_event('x', '[1]')$$, 'PT400', null, 'a payload is an object');
select throws_ok(
  $$select public.emit_event('x', jsonb_build_object('x', repeat('x', 65536)))$$,
  'PT413', null, 'of at most 64 kB'
);

-- Who may.
select tests.act_as('bob');
select lives_ok(
  $$select public.emit_event('order.placed', '{}', tests.organization_of('ada'))$$, 'a member who holds tasks.run may'
);
select tests.act_as('gus');
select throws_ok(
  $$select public.emit_event('order.placed', '{}', tests.organization_of('ada'))$$, 'PT403', null, 'a guest may not'
);
select tests.act_as('eve');
select throws_ok(
  $$select public.emit_event('order.placed', '{}', tests.organization_of('ada'))$$,
  'PT403', null, 'nor does an event reach another organization'
);
select is_empty('select from public.agent_task_runs', 'and those of others did not reach theirs');
select tests.act_as_anon();
select throws_ok($$select public.emit_event('order.placed')$$, '42501', null, 'a visitor may not');
select tests.act_as_service();
select lives_ok(
  $$select public.emit_event('order.placed', '{}', tests.organization_of('eve'))$$, 'the service may, anywhere'
);

select * from finish();
rollback;
