begin;
select plan(22);

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
insert into public.workspaces (organization_id, name, is_public)
values (current_setting('tests.acme')::uuid, 'Forge', true);
select set_config('tests.forge', (select id::text from public.workspaces), true);
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.forge')::uuid, tests.user_id('cleo'));

select policies_are(
  'public', 'chat_channels',
  array['select_reader', 'insert_creator', 'update_creator', 'delete_creator']
);

select tests.act_as('cleo');
select results_eq(
  format(
    'insert into public.chat_channels (workspace_id, name) values (%L, %L)
      returning organization_id, created_by_user_id, is_public',
    current_setting('tests.forge'), 'general'
  ),
  $$ select current_setting('tests.acme')::uuid, tests.user_id('cleo'), true $$,
  'a member of a workspace creates a channel in it'
);
select lives_ok(
  format(
    'insert into public.chat_channels (workspace_id, name, is_public) values (%L, %L, false)',
    current_setting('tests.forge'), 'secret'
  ),
  'also a private one'
);
select throws_ok(
  format(
    'insert into public.chat_channels (workspace_id, name, created_by_user_id) values (%L, %L, %L)',
    current_setting('tests.forge'), 'forged', tests.user_id('bob')
  ),
  '42501', null,
  'nobody creates a channel in another''s name'
);
select throws_ok(
  format(
    'insert into public.chat_channels (workspace_id, name, organization_id) values (%L, %L, %L)',
    current_setting('tests.forge'), 'forged', tests.organization_of('cleo')
  ),
  '23503', null,
  'nobody passes a channel off as another organization''s'
);
select throws_ok(
  format(
    'insert into public.chat_channels (workspace_id, name, agent_id) values (%L, %L, null)',
    current_setting('tests.forge'), 'forged'
  ),
  '42501', null,
  'a direct conversation is made by open_agent_conversation() alone'
);
select throws_ok(
  format('update public.chat_channels set workspace_id = %L', gen_random_uuid()),
  '42501', null,
  'nobody moves a channel'
);

select tests.act_as('dan');
select results_eq(
  'select name from public.chat_channels',
  array['general'],
  'who may read a public workspace sees its public channels, not its private ones'
);
select throws_ok(
  format('insert into public.chat_channels (workspace_id, name) values (%L, %L)', current_setting('tests.forge'), 'x'),
  '42501', null,
  'a guest of the organization creates no channel'
);
select is_empty(
  $$ update public.chat_channels set name = 'mine' returning id $$,
  'seeing a channel is not changing it'
);
select is_empty('delete from public.chat_channels returning id', 'nor deleting it');

select tests.act_as('bob');
select bag_eq(
  'select name from public.chat_channels',
  array['general', 'secret'],
  'who manages channels in the workspace sees private ones'
);
insert into public.chat_channels (workspace_id, name, is_public)
values (current_setting('tests.forge')::uuid, 'owners', false);
select tests.act_as('cleo');
select bag_eq(
  'select name from public.chat_channels',
  array['general', 'secret'],
  'a member does not see the private channel of an owner'
);
select is_empty(
  $$ update public.chat_channels set name = 'mine' where name = 'owners' returning id $$,
  'nor changes it'
);
select isnt_empty(
  $$ update public.chat_channels set description = 'All of it.' where name = 'general' returning id $$,
  'a creator changes their channel'
);
select is_empty(
  $$ delete from public.chat_channels where name = 'general' returning id $$,
  'a creator does not delete a public channel with what others wrote'
);
select isnt_empty(
  $$ delete from public.chat_channels where name = 'secret' returning id $$,
  'a creator deletes their private channel'
);

select tests.act_as('eve');
select is_empty('select id from public.chat_channels', 'a stranger sees no channels');
select throws_ok(
  format('insert into public.chat_channels (workspace_id, name) values (%L, %L)', current_setting('tests.forge'), 'x'),
  '42501', null,
  'a stranger creates no channel'
);
select throws_ok(
  format('insert into public.chat_channels (workspace_id, name) values (%L, %L)', gen_random_uuid(), 'x'),
  '42501', null,
  'a workspace that does not exist gets the same answer'
);
select tests.act_as_anon();
select throws_ok('select id from public.chat_channels', '42501', null, 'visitors see no channels');

select tests.act_as('bob');
select isnt_empty(
  $$ delete from public.chat_channels where name = 'general' returning id $$,
  'who manages channels deletes a public one'
);

select * from finish();
rollback;
