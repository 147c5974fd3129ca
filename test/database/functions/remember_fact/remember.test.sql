begin;
select plan(24);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('sam');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'sam', 'member', 'suspended');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Iris', 'organization');
select set_config('tests.iris', (select id::text from public.agents), true);
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.chat_channels (workspace_id, name, is_public)
select id, channel.name, channel.name = 'open'
from public.workspaces
cross join (values ('open'), ('closed')) as channel (name);
select set_config('tests.' || name, id::text, true) from public.chat_channels;
select tests.act_as('bob');
select set_config(
  'tests.direct',
  (public.open_agent_conversation(current_setting('tests.iris')::uuid)).id::text,
  true
);
insert into public.chat_messages (channel_id, content)
values (current_setting('tests.direct')::uuid, 'I take the night shift.');
select set_config('tests.message', (select id::text from public.chat_messages), true);
select tests.act_as('eve');
insert into public.workspaces (organization_id, name)
values (tests.organization_of('eve'), 'Lair');
insert into public.chat_channels (workspace_id, name) select id, 'lair' from public.workspaces;
select set_config('tests.lair', (select id::text from public.chat_channels), true);

select tests.act_as_nobody();
-- Keeps a fact of Iris, as the service.
create function tests.remember(
  p_content text,
  p_person text default 'bob',
  p_about text default 'user',
  p_channel text default 'direct',
  p_confidence numeric default 0.8,
  p_expires_at timestamptz default null
)
returns public.agent_memories
language sql
as $$
  select public.remember_fact(
    current_setting('tests.iris')::uuid, p_content, p_about, tests.user_id(p_person),
    current_setting('tests.' || p_channel)::uuid, current_setting('tests.message')::uuid,
    p_confidence, p_expires_at
  )
$$;

select tests.act_as('bob');
select throws_ok(
  $$ select tests.remember('Bob is the boss.') $$, '42501', null, 'people do not speak for an agent'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.remember_fact(%L, %L)', current_setting('tests.iris'), 'Anything.'),
  '42501', null,
  'nor do visitors'
);

select tests.act_as_service();
select lives_ok(
  $$ select tests.remember(E' Works the\n night shift. ', p_confidence => 1) $$,
  'an agent keeps a fact about whom it works for'
);
select results_eq(
  $$ select content, user_id, workspace_id, source_message_id, confidence
    from public.agent_memories $$,
  $$ values (
    'Works the night shift.', tests.user_id('bob'), null::uuid,
    current_setting('tests.message')::uuid, 0.95
  ) $$,
  'on one line, with the message it knows it from, and never as sure as the person themself'
);
select lives_ok(
  $$ select tests.remember('Works the night shift now.') $$, 'it may hear nearly the same again'
);
select results_eq(
  'select content, confidence from public.agent_memories',
  $$ values ('Works the night shift now.', 0.95) $$,
  'which takes the place of the earlier, as sure as ever'
);
select lives_ok(
  $$ select tests.remember(fact)
    from (values ('Order 17 was late.'), ('Order 18 was late.'), ('Likes tea.')) as told (fact) $$,
  'other facts are others'
);
select is(
  (select count(*) from public.agent_memories), 4::bigint, 'also those that differ in a number alone'
);
select tests.act_as('bob');
update public.agent_memories set content = 'Likes coffee, not tea.' where content = 'Likes tea.';
select tests.act_as_service();
select is(
  (tests.remember('Likes tea, not coffee.')).content,
  'Likes coffee, not tea.',
  'no agent writes over what a person wrote themself'
);
select is(
  (tests.remember('Is in a hurry.', p_channel => 'open')).source_message_id,
  null,
  'a message of another channel is no source'
);

select lives_ok(
  $$ select tests.remember('Ships on Fridays.', p_about => 'workspace', p_channel => 'open') $$,
  'an agent keeps a fact about the workspace of an open channel'
);
select results_eq(
  $$ select workspaces.name, agent_memories.user_id from public.agent_memories
    join public.workspaces on workspaces.id = agent_memories.workspace_id $$,
  $$ values ('Forge', null::uuid) $$,
  'which is about no person'
);
select throws_ok(
  $$ select tests.remember('Ada is leaving.', p_about => 'workspace', p_channel => 'closed') $$,
  'PT403', 'What is said in private is not kept for a workspace',
  'what a closed channel says is not kept for the workspace'
);
select throws_ok(
  $$ select tests.remember('Bob is ill.', p_about => 'workspace') $$, 'PT403', null,
  'nor what a direct conversation says'
);
select throws_ok(
  $$ select tests.remember('Anything.', p_about => 'workspace', p_channel => 'lair') $$,
  'PT403', null,
  'nor anything for another organization'
);
select throws_ok(
  $$ select tests.remember('Anything.', p_person => 'eve') $$,
  'PT403', 'There is nobody here about whom to keep facts',
  'no fact is about a stranger'
);
select throws_ok(
  $$ select tests.remember('Anything.', p_person => 'sam') $$, 'PT403', null,
  'nor about a suspended member'
);
select throws_ok(
  format('select public.remember_fact(%L, %L)', current_setting('tests.iris'), 'Anything.'),
  'PT403', null,
  'nor about nobody'
);
select throws_ok(
  format('select public.remember_fact(%L, %L)', gen_random_uuid(), 'Anything.'),
  'PT404', null,
  'nor is it of an agent that is not there'
);
select throws_ok(
  $$ select tests.remember('The password is hunter2.') $$,
  'PT400', 'That looks like a password or a key, which is not to be remembered',
  'a password is not remembered'
);
select throws_ok(
  $$ select tests.remember('Anything.', p_about => 'everyone') $$, 'PT400', null,
  'a fact is about the user or the workspace'
);
select throws_ok(
  $$ select tests.remember('Anything.', p_expires_at => now() - interval '1 second') $$,
  'PT400', null,
  'and not over before it begins'
);

select tests.act_as_nobody();
insert into public.agent_memories
  (organization_id, agent_id, user_id, content, confidence, created_at)
select
  current_setting('tests.acme')::uuid, current_setting('tests.iris')::uuid, tests.user_id('bob'),
  format('Fact %s', number), 0.5, now() - number * interval '1 day'
from generate_series(1, 195) as number;
select tests.act_as_service();
select lives_ok($$ select tests.remember('Moved to Rome.') $$, 'a memory that is full takes more');
select results_eq(
  $$ select
      count(*),
      bool_or(content = 'Moved to Rome.'),
      bool_or(content = 'Likes coffee, not tea.'),
      bool_or(content = 'Fact 195')
    from public.agent_memories where user_id is not null $$,
  $$ values (200::bigint, true, true, false) $$,
  'the longest unused fact makes room, not what the person wrote'
);

select * from finish();
rollback;
