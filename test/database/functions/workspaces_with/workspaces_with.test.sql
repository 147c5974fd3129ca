begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'member');
insert into public.workspaces (organization_id, name, is_public) values
  (current_setting('tests.acme')::uuid, 'open', true),
  (current_setting('tests.acme')::uuid, 'closed', false);
select set_config('tests.' || name, id::text, true) from public.workspaces;
insert into public.workspace_members (workspace_id, user_id, role)
values (current_setting('tests.closed')::uuid, tests.user_id('bob'), 'member');
-- One who manages workspaces and moderates nothing.
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.acme')::uuid, 'caretaker', 'Caretaker');
insert into public.role_permissions (role_id, permission_key)
select id, unnest(array['workspaces.read', 'workspaces.manage'])
from public.roles where name = 'caretaker';
update public.organization_members
set role_id = (select id from public.roles where name = 'caretaker')
where user_id = tests.user_id('dan') and organization_id = current_setting('tests.acme')::uuid;

select tests.act_as('bob');
select set_eq(
  $$ select unnest(private.workspaces_with('messages.read')) $$,
  $$ values (current_setting('tests.open')::uuid), (current_setting('tests.closed')::uuid) $$,
  'a guest reads public workspaces and those with a place of theirs'
);
select results_eq(
  $$ select private.workspaces_with('messages.write') $$,
  $$ select array[current_setting('tests.closed')::uuid] $$,
  'and writes where their place allows it'
);
select is(
  private.workspaces_with('messages.moderate'), '{}', 'a place gives no more than the role of its name'
);

select tests.act_as('cleo');
select results_eq(
  $$ select private.workspaces_with('messages.read') $$,
  $$ select array[current_setting('tests.open')::uuid] $$,
  'a member reads public workspaces'
);
select is(
  private.workspaces_with('messages.write'), '{}',
  'a public workspace is for reading, whatever one holds in the organization'
);

select tests.act_as('ada');
select is(
  cardinality(private.workspaces_with('messages.moderate')), 2, 'an owner of the organization reaches all'
);
select tests.act_as('dan');
select is(
  cardinality(private.workspaces_with('workspaces.manage')), 2,
  'who manages workspaces manages all of them'
);
select is(
  private.workspaces_with('messages.moderate'), '{}',
  'and does nothing inside that they do not hold in the organization'
);

select tests.act_as_nobody();
update public.organization_members set custom_permissions = '{"deny": ["messages.write"]}'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('bob');
select is(private.workspaces_with('messages.write'), '{}', 'a denial binds inside workspaces');
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('bob');
select is(private.workspaces_with('messages.read'), '{}', 'a suspended member reaches nothing');

select tests.act_as('eve');
select is(private.workspaces_with('messages.read'), '{}', 'nor does a stranger');
select tests.act_with('authenticated', '{"role": "authenticated"}');
select is(private.workspaces_with('messages.read'), '{}', 'nor a token without a user');
select tests.act_as_anon();
select throws_ok(
  $$ select private.workspaces_with('messages.read') $$, '42501', null, 'visitors do not ask'
);

select * from finish();
rollback;
