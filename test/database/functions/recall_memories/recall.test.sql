begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('sam');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'sam', 'member');
insert into public.agents (organization_id, name, visibility)
select current_setting('tests.acme')::uuid, agent.name, 'organization'
from (values ('iris'), ('otto')) as agent (name);
select set_config('tests.' || name, id::text, true) from public.agents;
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.chat_channels (workspace_id, name) select id, 'open' from public.workspaces;
insert into public.chat_channels (workspace_id, name, is_public)
select id, 'closed', false from public.workspaces;
select set_config('tests.' || name, id::text, true) from public.chat_channels;
select tests.act_as('eve');
insert into public.workspaces (organization_id, name) values (tests.organization_of('eve'), 'Lair');
insert into public.chat_channels (workspace_id, name) select id, 'lair' from public.workspaces;
select set_config('tests.lair', (select id::text from public.chat_channels), true);
select tests.act_as('sam');
select set_config(
  'tests.of_sam',
  (public.open_agent_conversation(current_setting('tests.iris')::uuid)).id::text,
  true
);
select tests.act_as('bob');
select set_config(
  'tests.direct',
  (public.open_agent_conversation(current_setting('tests.iris')::uuid)).id::text,
  true
);

select tests.act_as_nobody();
insert into public.agent_memories
  (organization_id, agent_id, user_id, workspace_id, content, confidence, expires_at, updated_at)
select
  current_setting('tests.acme')::uuid, current_setting('tests.' || fact.agent)::uuid,
  case when fact.person is not null then tests.user_id(fact.person) end,
  case when fact.person is null then (select id from public.workspaces where name = 'Forge') end,
  fact.content, fact.confidence, fact.expires_at, now() - fact.age
from (
  values
    ('iris', 'bob', 'Lives in Rome with two cats.', 0.8, null, interval '3 days'),
    ('iris', 'bob', 'Wants reports on Mondays.', 0.9, null, interval '2 days'),
    ('iris', 'bob', 'Was in a hurry.', 0.9, now() - interval '1 minute', interval '1 day'),
    ('iris', 'sam', 'Is afraid of cats.', 0.8, null, interval '1 day'),
    ('otto', 'bob', 'Keeps cats secretly.', 0.8, null, interval '1 day'),
    ('iris', null, 'The forge ships reports on Fridays.', 0.8, null, interval '1 day')
) as fact (agent, person, content, confidence, expires_at, age);

-- What Iris is reminded of, as the service.
create function tests.recall(
  p_query text,
  p_person text default 'bob',
  p_channel text default 'direct',
  p_limit integer default 10,
  p_is_shared boolean default false
)
returns setof text
language sql
as $$
  select recalled.content
  from public.recall_memories(
    current_setting('tests.iris')::uuid, p_query, tests.user_id(p_person),
    current_setting('tests.' || p_channel, true)::uuid, p_is_shared, p_limit
  ) as recalled
$$;

select tests.act_as('bob');
select throws_ok(
  $$ select tests.recall('cats', p_person => 'sam') $$, '42501', null, 'people recall nothing'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.recall_memories(%L, %L)', current_setting('tests.iris'), 'cats'),
  '42501', null,
  'nor do visitors'
);

select tests.act_as_service();
select results_eq(
  $$ select tests.recall('Which pets do I have?') $$,
  array['Lives in Rome with two cats.', 'Wants reports on Mondays.'],
  'alone with the agent, all that holds of its few facts about the person, the latest last'
);
select results_eq(
  $$ select tests.recall('Tell me about CATS!', p_limit => 1) $$,
  array['Lives in Rome with two cats.'],
  'where not all fit, what is asked about'
);
select results_eq(
  $$ select tests.recall('report', p_limit => 1) $$,
  array['Wants reports on Mondays.'],
  'also by a part of a word'
);
select results_eq(
  $$ select tests.recall('') $$,
  array['Lives in Rome with two cats.', 'Wants reports on Mondays.'],
  'and with nothing said'
);
select results_eq(
  $$ select tests.recall($q$ it's & | ! :* ( "reports$q$, p_limit => 1) $$,
  array['Wants reports on Mondays.'],
  'what looks like an operator is text'
);
select is_empty(
  $$ select tests.recall('cats', p_is_shared => true) $$,
  'what others read is reminded of no person, wherever it is posted'
);
select is_empty(
  $$ select tests.recall('cats', p_channel => 'none') $$, 'nor what is posted nowhere'
);
select results_eq(
  $$ select tests.recall('cats', p_channel => 'open') $$,
  array['The forge ships reports on Fridays.'],
  'in front of others it is reminded of the workspace alone'
);
select results_eq(
  $$ select tests.recall('cats', p_channel => 'closed') $$,
  array['The forge ships reports on Fridays.'],
  'and so in a closed channel, which who manages channels reads too'
);
select is_empty(
  $$ select tests.recall('cats', p_channel => 'of_sam') $$,
  'in another''s conversation it is reminded of nothing'
);
select is_empty(
  $$ select tests.recall('cats', p_channel => 'lair') $$,
  'nor in a channel of another organization'
);
select is_empty(
  $$ select tests.recall('cats', p_person => 'eve') $$, 'nor in work for a stranger'
);
select throws_ok(
  $$ select tests.recall('cats', p_limit => 51) $$, 'PT400', null, 'nor of everything at once'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as_service();
select is_empty(
  $$ select tests.recall('cats') $$, 'nor in work for a suspended member'
);
select results_eq(
  $$ select content from public.agent_memories where last_recalled_at is null order by content $$,
  array['Is afraid of cats.', 'Keeps cats secretly.', 'Was in a hurry.'],
  'what was recalled is known, and what was not'
);

select * from finish();
rollback;
