begin;
select plan(28);

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

select policies_are(
  'public', 'workspaces',
  array['select_member', 'insert_creator', 'update_manager', 'delete_owner']
);

select tests.act_as('bob');
select public.switch_organization(current_setting('tests.acme')::uuid);
select results_eq(
  $$
    insert into public.workspaces (name) values ('Forge')
    returning organization_id, owner_user_id, is_public, is_personal, settings
  $$,
  $$ select current_setting('tests.acme')::uuid, tests.user_id('bob'), false, false, '{}'::jsonb $$,
  'a workspace is its creator''s, in their current organization, and can be returned at once'
);
select set_config('tests.forge', (select id::text from public.workspaces), true);
select results_eq(
  'select user_id, role::text from public.workspace_members',
  $$ select tests.user_id('bob'), 'owner' $$,
  'its owner has a place in it from the start'
);
select throws_ok(
  $$ insert into public.workspaces (name, owner_user_id) values ('Forged', tests.user_id('ada')) $$,
  '42501', null,
  'nobody creates a workspace in another''s name'
);
select throws_ok(
  $$ insert into public.workspaces (name, organization_id) values ('Forged', tests.organization_of('eve')) $$,
  '42501', null,
  'nobody creates a workspace in an organization they do not belong to'
);
select throws_ok(
  $$ insert into public.workspaces (name, is_personal) values ('Forged', true) $$,
  '42501', null,
  'nobody makes a workspace personal'
);
select throws_ok(
  $$ update public.workspaces set owner_user_id = tests.user_id('cleo') $$,
  '42501', null,
  'nobody hands on a workspace'
);
select throws_ok(
  $$ update public.workspaces set organization_id = tests.organization_of('bob') $$,
  '42501', null,
  'nobody moves a workspace'
);

select tests.act_as('dan');
select throws_ok(
  format('insert into public.workspaces (name, organization_id) values (%L, %L)', 'Spies', current_setting('tests.acme')),
  '42501', null,
  'a guest creates no workspace'
);
select is_empty('select id from public.workspaces', 'a private workspace is hidden from other members');

select tests.act_as('ada');
select isnt_empty(
  format('select id from public.workspaces where id = %L', current_setting('tests.forge')),
  'who holds workspaces.manage sees private workspaces'
);

select tests.act_as('bob');
update public.workspaces set is_public = true;
select tests.act_as('dan');
select isnt_empty('select id from public.workspaces', 'a public workspace is seen by the organization');
select is_empty(
  $$ update public.workspaces set name = 'Mine' returning id $$,
  'seeing a workspace is not changing it'
);
select is_empty('delete from public.workspaces returning id', 'nor deleting it');
select tests.act_as('eve');
select is_empty('select id from public.workspaces', 'a stranger sees no public workspace either');
select is_empty(
  format('update public.workspaces set name = %L where id = %L returning id', 'Mine', current_setting('tests.forge')),
  'a stranger changes no workspace'
);
select is_empty(
  format('delete from public.workspaces where id = %L returning id', current_setting('tests.forge')),
  'a stranger deletes no workspace'
);
select tests.act_as_anon();
select throws_ok('select id from public.workspaces', '42501', null, 'visitors see no workspaces');

-- Places and what they allow.
select tests.act_as('bob');
insert into public.workspace_members (workspace_id, user_id, role)
values (current_setting('tests.forge')::uuid, tests.user_id('cleo'), 'admin');
select tests.act_as('cleo');
select isnt_empty(
  $$ update public.workspaces set name = 'Smithy' returning id $$,
  'an admin of a workspace renames it'
);
select is_empty(
  'delete from public.workspaces returning id',
  'an admin of a workspace does not delete it'
);

-- A denial in the organization binds in its workspaces.
select tests.act_as_nobody();
update public.organization_members set custom_permissions = '{"deny": ["workspaces.manage"]}'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select is_empty(
  $$ update public.workspaces set name = 'Denied' returning id $$,
  'what the organization denies a member, no place gives back'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select is_empty(
  format('select id from public.workspaces where id = %L', current_setting('tests.forge')),
  'a suspended member sees nothing, place or not'
);

-- Personal ones.
select tests.act_as('bob');
insert into public.agents (name) values ('Scribe');
select public.open_agent_conversation((select id from public.agents where name = 'Scribe'));
select is(
  (select count(*) from public.workspaces where is_personal),
  1::bigint,
  'a person sees their personal workspace'
);
select throws_ok(
  $$ update public.workspaces set is_public = true where is_personal $$,
  '23514', null,
  'a personal workspace is not opened'
);
select tests.act_as('ada');
select is_empty(
  $$ select id from public.workspaces where is_personal $$,
  'not even an owner of the organization sees the personal workspace of another'
);
select is_empty(
  $$ delete from public.workspaces where is_personal returning id $$,
  'nor deletes it'
);

-- Leaving.
select tests.act_as('ada');
delete from public.organization_members
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as_nobody();
select results_eq(
  'select name, owner_user_id from public.workspaces',
  $$ values ('Smithy', null::uuid) $$,
  'who leaves the organization leaves shared workspaces behind and takes the personal one along'
);
select tests.act_as('ada');
select isnt_empty(
  'delete from public.workspaces returning id',
  'who holds workspaces.manage deletes a workspace that is nobody''s'
);

select * from finish();
rollback;
