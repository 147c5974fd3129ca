begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Scribe', 'organization'),
  (current_setting('tests.acme')::uuid, 'Secret', 'private');
select set_config('tests.' || lower(name), id::text, true) from public.agents;

select tests.act_as('bob');
select results_eq(
  format(
    'select name, is_public, agent_id, created_by_user_id, organization_id
      from public.open_agent_conversation(%L)',
    current_setting('tests.scribe')
  ),
  $$
    select 'Scribe', false, current_setting('tests.scribe')::uuid, tests.user_id('bob'),
      current_setting('tests.acme')::uuid
  $$,
  'a conversation is a private channel in the organization of the agent'
);
select set_config('tests.channel', (select id::text from public.chat_channels), true);
select is(
  (public.open_agent_conversation(current_setting('tests.scribe')::uuid)).id,
  current_setting('tests.channel')::uuid,
  'opening it again finds it'
);
select is(
  (select count(*) from public.workspaces), 1::bigint, 'in one personal workspace'
);
select lives_ok(
  $$ insert into public.chat_messages (channel_id, content) select id, 'Hello' from public.chat_channels $$,
  'in which one writes'
);
select lives_ok(
  $$
    select public.post_agent_message(id, current_setting('tests.scribe')::uuid, 'Good day')
    from public.chat_channels
  $$,
  'and the agent answers'
);
select throws_ok(
  $$
    insert into public.workspace_members (workspace_id, user_id)
    select id, tests.user_id('ada') from public.workspaces
  $$,
  'PT409', null,
  'nobody is let in'
);
delete from public.workspace_members;
select public.open_agent_conversation(current_setting('tests.scribe')::uuid);
select isnt_empty('select id from public.chat_messages', 'who left their own place takes it again');
select throws_ok(
  format('select public.open_agent_conversation(%L)', current_setting('tests.secret')),
  'PT404', null,
  'an agent that is hidden has no conversation'
);
select throws_ok(
  format('select public.open_agent_conversation(%L)', gen_random_uuid()),
  'PT404', null,
  'one that does not exist gets the same answer'
);
select throws_ok(
  'select public.open_agent_conversation(null)', 'PT404', null, 'so does none'
);

select tests.act_as('ada');
select is_empty('select id from public.chat_messages', 'an owner of the organization does not read it');
select is_empty('select id from public.chat_channels', 'nor sees it');
select isnt(
  (public.open_agent_conversation(current_setting('tests.scribe')::uuid)).id,
  current_setting('tests.channel')::uuid,
  'they have a conversation of their own'
);
select tests.act_as('eve');
select throws_ok(
  format('select public.open_agent_conversation(%L)', current_setting('tests.scribe')),
  'PT404', null,
  'a stranger has none'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.open_agent_conversation(%L)', current_setting('tests.scribe')),
  '42501', null,
  'visitors have none'
);

select tests.act_as_nobody();
delete from public.agents where id = current_setting('tests.scribe')::uuid;
select tests.act_as('bob');
select results_eq(
  'select name, agent_id from public.chat_channels',
  $$ values ('Scribe', null::uuid) $$,
  'a conversation outlives its agent'
);
select is((select count(*) from public.chat_messages), 2::bigint, 'with what was said');

select * from finish();
rollback;
