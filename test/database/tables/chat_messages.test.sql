begin;
select plan(42);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
select tests.act_as('bob');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Open', 'organization'),
  (current_setting('tests.acme')::uuid, 'Private', 'private');
insert into public.workspaces (organization_id, name, is_public)
values (current_setting('tests.acme')::uuid, 'Forge', true);
insert into public.workspace_members (workspace_id, user_id)
select id, tests.user_id('cleo') from public.workspaces;
insert into public.chat_channels (workspace_id, name, is_public)
select id, names.name, names.name = 'general'
from public.workspaces, unnest(array['general', 'secret']) as names (name);
select tests.act_as('eve');
insert into public.workspaces (name) values ('Lair');
insert into public.chat_channels (workspace_id, name) select id, 'den' from public.workspaces;
insert into public.agents (name) values ('Foreign');
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;
select set_config('tests.' || lower(name), id::text, true) from public.chat_channels;
create function tests.write(p_channel text, p_column text, p_value text) returns text
language sql stable
as $$
  select format(
    'insert into public.chat_messages (channel_id, content, %I) values (%L, %L, %L)',
    p_column, current_setting('tests.' || p_channel), 'Hello', p_value
  )
$$;
create function tests.write(p_channel text) returns text
language sql stable
as $$
  select format(
    'insert into public.chat_messages (channel_id, content) values (%L, %L)',
    current_setting('tests.' || p_channel), 'Hello'
  )
$$;
grant execute on all functions in schema tests to public;

select policies_are(
  'public', 'chat_messages',
  array['select_reader', 'insert_author', 'update_author', 'delete_author']
);

-- Writing.
select tests.act_as('cleo');
select results_eq(
  tests.write('general') || ' returning organization_id, user_id, agent_id, message_type::text, metadata',
  $$ select current_setting('tests.acme')::uuid, tests.user_id('cleo'), null::uuid, 'text', '{}'::jsonb $$,
  'a channel and a text are enough; the rest follows from them and the caller'
);
select is(
  (select workspace_id from public.chat_messages),
  (select workspace_id from public.chat_channels where name = 'general'),
  'the workspace is that of the channel'
);
select throws_ok(
  tests.write('general', 'user_id', tests.user_id('bob')::text),
  '42501', null,
  'nobody writes in another''s name'
);
select results_eq(
  tests.write('general', 'organization_id', tests.organization_of('eve')::text)
    || ' returning organization_id',
  $$ select current_setting('tests.acme')::uuid $$,
  'a forged organization is overruled'
);
select throws_ok(
  tests.write('general', 'created_at', '2000-01-01'),
  '42501', null,
  'nobody dates a message back'
);
select throws_ok(
  tests.write('general', 'message_type', 'system'),
  '42501', null,
  'nobody speaks as the system'
);
select throws_ok(
  tests.write('secret'), '42501', null, 'nobody writes in a private channel they do not see'
);
select throws_ok(tests.write('den'), '42501', null, 'nobody writes in another organization');
select throws_ok(
  format('insert into public.chat_messages (channel_id, content) values (%L, %L)', gen_random_uuid(), 'x'),
  '42501', null,
  'a channel that does not exist gets the same answer'
);
select throws_ok(
  format(
    'insert into public.chat_messages (channel_id, content) values (%L, %L)',
    current_setting('tests.general'), ''
  ),
  '23514', null,
  'a message says something'
);
select throws_ok(
  format(
    'insert into public.chat_messages (channel_id, content) values (%L, repeat(%L, 100001))',
    current_setting('tests.general'), 'x'
  ),
  '23514', null,
  'a message has an end'
);
select throws_ok(
  tests.write('general', 'metadata', '[]'), '23514', null, 'metadata are an object'
);

-- As an agent.
select lives_ok(
  tests.write('general', 'agent_id', current_setting('tests.open')),
  'who may run an agent writes in its name'
);
select throws_ok(
  tests.write('general', 'agent_id', current_setting('tests.private')),
  '42501', null,
  'nobody writes in the name of an agent that is hidden from them'
);
select throws_ok(
  tests.write('general', 'agent_id', current_setting('tests.foreign')),
  '42501', null,
  'nobody writes in the name of an agent of another organization'
);
select throws_ok(
  format(
    'insert into public.chat_messages (channel_id, content, user_id, agent_id) values (%L, %L, %L, %L)',
    current_setting('tests.general'), 'x', tests.user_id('cleo'), current_setting('tests.open')
  ),
  '23514', null,
  'a message has one author'
);
select tests.act_as('eve');
select throws_ok(
  tests.write('den', 'agent_id', current_setting('tests.open')),
  '42501', null,
  'nor does a stranger at home'
);
select tests.act_as_nobody();
update public.agents set is_active = false where name = 'Open';
select tests.act_as('cleo');
select throws_ok(
  tests.write('general', 'agent_id', current_setting('tests.open')),
  '42501', null,
  'an agent that is off says nothing'
);

-- Reading.
select tests.act_as('dan');
select is(
  (select count(*) from public.chat_messages), 3::bigint,
  'who may read a public workspace reads its public channels'
);
select throws_ok(tests.write('general'), '42501', null, 'reading is not writing');
select tests.act_as('bob');
insert into public.chat_messages (channel_id, content)
values (current_setting('tests.secret')::uuid, 'Between us');
select tests.act_as('cleo');
select is_empty(
  $$ select id from public.chat_messages where content = 'Between us' $$,
  'messages of a private channel are as private'
);
select tests.act_as('eve');
select is_empty('select id from public.chat_messages', 'a stranger reads nothing');
select tests.act_as_anon();
select throws_ok('select id from public.chat_messages', '42501', null, 'visitors read nothing');

-- Correcting.
select tests.act_as('cleo');
select isnt_empty(
  $$ update public.chat_messages set content = 'Hallo' where user_id is not null returning id $$,
  'an author corrects their message'
);
select is_empty(
  $$ update public.chat_messages set content = 'Lies' where agent_id is not null returning id $$,
  'nobody corrects an agent'
);
select throws_ok(
  format('update public.chat_messages set channel_id = %L', current_setting('tests.secret')),
  '42501', null,
  'nobody moves a message'
);
select throws_ok(
  $$ update public.chat_messages set user_id = tests.user_id('bob') $$,
  '42501', null,
  'nobody puts words in another''s mouth'
);
select throws_ok(
  $$ update public.chat_messages set message_type = 'system' $$,
  '42501', null,
  'nobody turns a message into one of the system'
);
select tests.act_as('bob');
select is_empty(
  $$ update public.chat_messages set content = 'Lies' where content = 'Hallo' returning id $$,
  'not even the owner of the workspace corrects another'
);

-- Deleting.
select tests.act_as('dan');
select is_empty('delete from public.chat_messages returning id', 'a reader deletes nothing');
select tests.act_as('cleo');
select isnt_empty(
  $$
    delete from public.chat_messages
    where id = (select id from public.chat_messages where content = 'Hallo' limit 1) returning id
  $$,
  'an author deletes their message'
);
select is_empty(
  $$ delete from public.chat_messages where agent_id is not null returning id $$,
  'a member deletes nothing of others'
);
select tests.act_as('bob');
select isnt_empty(
  $$ delete from public.chat_messages where agent_id is not null returning id $$,
  'who holds messages.moderate does'
);

-- A bare delete or update is not under the policy for select.
select tests.act_as('cleo');
insert into public.chat_messages (channel_id, content)
values (current_setting('tests.general')::uuid, 'Mine');
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
delete from public.chat_messages;
update public.chat_messages set content = 'Gone';
select tests.act_as('eve');
delete from public.chat_messages;
select tests.act_as_nobody();
select isnt_empty(
  $$ select 1 from public.chat_messages where content = 'Mine' $$,
  'a suspended author neither deletes nor changes what they wrote'
);
update public.organization_members set status = 'active'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
update public.workspace_members set role = 'guest' where user_id = tests.user_id('cleo');
select tests.act_as('cleo');
delete from public.chat_messages;
select tests.act_as_nobody();
select isnt_empty(
  $$ select 1 from public.chat_messages where content = 'Mine' $$,
  'nor does one who may only read any more'
);
select isnt_empty(
  $$ select 1 from public.chat_messages where content = 'Between us' $$,
  'nobody deletes what they do not see'
);
delete from public.chat_messages where content = 'Mine';

-- The service.
select tests.act_as_service();
select throws_ok(tests.write('general'), 'PT400', null, 'the service names an author');
select lives_ok(
  format(
    'insert into public.chat_messages (channel_id, content, agent_id, message_type) values (%L, %L, %L, %L)',
    current_setting('tests.general'), 'Tool said so', current_setting('tests.open'), 'event'
  ),
  'the service writes as any agent of the organization'
);
select throws_ok(
  tests.write('general', 'agent_id', current_setting('tests.foreign')),
  '23503', null,
  'not even the service lets a foreign agent speak'
);

-- Authors who go.
select tests.act_as_nobody();
delete from public.agents where name = 'Open';
delete from auth.users where id = tests.user_id('cleo');
select is(
  (select count(*) from public.chat_messages where user_id is null and agent_id is null),
  2::bigint,
  'messages stay when their author is deleted'
);
select ok(
  (select bool_and(created_at > '2000-01-01' and updated_at is not null) from public.chat_messages),
  'and keep their time'
);

select * from finish();
rollback;
