begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select set_config('tests.solo', (public.create_organization('Solo')).id::text, true);
select set_config('tests.duo', (public.create_organization('Duo')).id::text, true);
select set_config('tests.ada', tests.user_id('ada')::text, true);
select set_config('tests.home', tests.organization_of('ada')::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');
select tests.add_member(current_setting('tests.solo')::uuid, 'dan', 'admin', 'suspended');
select tests.add_member(current_setting('tests.duo')::uuid, 'bob', 'owner');
select tests.add_member(current_setting('tests.duo')::uuid, 'cleo', 'admin');

-- Ada leaves traces everywhere.
insert into public.agents (name, organization_id) values
  ('At home', current_setting('tests.home')::uuid), ('At work', current_setting('tests.acme')::uuid);
insert into public.teams (name, organization_id) values ('Team', current_setting('tests.acme')::uuid);
insert into public.workspaces (name, organization_id, is_public)
values ('Forge', current_setting('tests.acme')::uuid, true);
insert into public.chat_channels (workspace_id, name) select id, 'general' from public.workspaces;
insert into public.chat_messages (channel_id, content) select id, 'Hello' from public.chat_channels;
select public.open_agent_conversation((select id from public.agents where name = 'At work'));
select public.switch_organization(current_setting('tests.acme')::uuid);

select tests.act_as_nobody();
select lives_ok(
  $$ delete from auth.users where email = 'ada@example.test' $$,
  'a user who owns and wrote things is deleted'
);
select tests.act_as_nobody();

select is_empty(
  format('select 1 from public.profiles where id = %L', current_setting('tests.ada')),
  'the profile is gone'
);
select is_empty(
  format('select 1 from public.user_preferences where user_id = %L', current_setting('tests.ada')),
  'the preferences are gone'
);
select is_empty(
  format('select 1 from public.organizations where id = %L', current_setting('tests.home')),
  'the personal organization is gone'
);
select is_empty(
  format('select 1 from public.agents where organization_id = %L', current_setting('tests.home')),
  'with all it had'
);
select is_empty(
  format('select 1 from public.organizations where id = %L', current_setting('tests.solo')),
  'an organization without an active member is gone'
);
select is(
  (
    select profiles.full_name
    from public.organization_members
    join public.roles on roles.id = organization_members.role_id
    join public.profiles on profiles.id = organization_members.user_id
    where organization_members.organization_id = current_setting('tests.acme')::uuid
      and roles.name = 'owner'
  ),
  'Cleo',
  'an organization without an owner passes to the active member who holds most'
);
select is(
  (
    select roles.name
    from public.organization_members
    join public.roles on roles.id = organization_members.role_id
    where organization_members.organization_id = current_setting('tests.duo')::uuid
      and organization_members.user_id = tests.user_id('cleo')
  ),
  'admin',
  'an organization with another owner stays as it is'
);
select is(
  (select owner_email from public.organizations where id = current_setting('tests.acme')::uuid),
  null,
  'the address of who left is no contact any more'
);
select results_eq(
  'select name, user_id from public.agents',
  $$ values ('At work', null::uuid) $$,
  'agents in shared organizations stay, as nobody''s'
);
select results_eq('select owner_user_id from public.teams', array[null::uuid], 'so do teams');
select results_eq(
  'select name, owner_user_id from public.workspaces',
  $$ values ('Forge', null::uuid) $$,
  'shared workspaces stay, personal ones go'
);
select results_eq(
  'select name, created_by_user_id from public.chat_channels',
  $$ values ('general', null::uuid) $$,
  'shared channels stay, direct conversations go'
);
select results_eq(
  'select content, user_id from public.chat_messages',
  $$ values ('Hello', null::uuid) $$,
  'messages in shared channels stay'
);
select is_empty(
  format('select 1 from public.workspace_members where user_id = %L', current_setting('tests.ada')),
  'no place is left'
);

select * from finish();
rollback;
