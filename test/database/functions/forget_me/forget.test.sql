begin;
select plan(9);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
insert into public.agents (organization_id, name, visibility)
select current_setting('tests.acme')::uuid, agent.name, 'organization'
from (values ('iris'), ('otto')) as agent (name);
select set_config('tests.' || name, id::text, true) from public.agents;
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');

select tests.act_as_nobody();
insert into public.agent_memories
  (organization_id, agent_id, user_id, workspace_id, content, expires_at)
select
  current_setting('tests.acme')::uuid, current_setting('tests.' || fact.agent)::uuid,
  case when fact.person is not null then tests.user_id(fact.person) end,
  case when fact.person is null then (select id from public.workspaces where name = 'Forge') end,
  fact.content, fact.expires_at
from (
  values
    ('iris', 'bob', 'Likes tea.', null),
    ('iris', 'bob', 'Sings.', null),
    ('otto', 'bob', 'Likes coffee.', null),
    ('iris', 'ada', 'Likes water.', null),
    ('iris', 'ada', 'Is away this week.', now() + interval '1 day'),
    ('iris', null, 'Ships on Fridays.', null)
) as fact (agent, person, content, expires_at);

select tests.act_as_anon();
select throws_ok('select public.forget_me()', '42501', null, 'visitors are not known');
select tests.act_as_service();
select throws_ok('select public.forget_me()', '42501', null, 'the service forgets nobody by the way');
select tests.act_as('bob');
select is(
  public.forget_me(current_setting('tests.otto')::uuid), 1, 'one agent forgets the caller'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('bob');
select is(public.forget_me(), 2, 'or all do, also when the caller was suspended');
select is(public.forget_me(), 0, 'again there is nothing');
select tests.act_as_nobody();
select results_eq(
  'select content from public.agent_memories order by content',
  array['Is away this week.', 'Likes water.', 'Ships on Fridays.'],
  'what is known about others, and about workspaces, stays'
);

update public.agent_memories set expires_at = now() - interval '1 second'
where content = 'Is away this week.';
select tests.act_as_service();
select is(
  (public.tick() ->> 'memories_expired')::integer, 1, 'a turn of the engine forgets what is over'
);
select tests.act_as_nobody();
select is((select count(*) from public.agent_memories), 2::bigint, 'and nothing else');
select is(
  (select count(*) from public.audit_logs where action = 'agent_memory.deleted'), 4::bigint,
  'each time it is written down that something was forgotten'
);

select * from finish();
rollback;
