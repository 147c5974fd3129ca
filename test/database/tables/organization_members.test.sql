begin;
select plan(46);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest', 'invited');

select tests.act_as_nobody();
-- The membership of a person in Acme, and a role of the system.
create function tests.membership(p_name text) returns uuid language sql stable security definer
as $$
  select id from public.organization_members
  where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id(p_name)
$$;
create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
create function tests.permissions_of(p_name text) returns text[] language sql stable security definer
as $$ select permissions from public.organization_members where id = tests.membership(p_name) $$;
grant execute on all functions in schema tests to public;

select policies_are(
  'public', 'organization_members', array['select_member', 'update_manager', 'delete_manager']
);

-- Reading.
select tests.act_as('cleo');
select is(
  (select count(*) from public.organization_members
    where organization_id = current_setting('tests.acme')::uuid),
  4::bigint,
  'members see each other'
);
select tests.act_as('dan');
select results_eq(
  format(
    'select status from public.organization_members where organization_id = %L',
    current_setting('tests.acme')
  ),
  array['invited'],
  'the invited see their own row alone'
);
select is_empty(
  format('select * from public.my_permissions(%L)', current_setting('tests.acme')),
  'the invited hold nothing yet'
);
select tests.act_as('eve');
select is_empty(
  format(
    'select id from public.organization_members where organization_id = %L',
    current_setting('tests.acme')
  ),
  'a stranger sees no members'
);
select tests.act_as_anon();
select throws_ok('select id from public.organization_members', '42501', null, 'visitors see nobody');

-- Coming in.
select tests.act_as('eve');
select throws_ok(
  format(
    'insert into public.organization_members (organization_id, user_id, role_id) values (%L, %L, %L)',
    current_setting('tests.acme'), tests.user_id('eve'), tests.system_role('owner')
  ),
  '42501', null,
  'nobody makes themself a member'
);
select tests.act_as('ada');
select throws_ok(
  format(
    'insert into public.organization_members (organization_id, user_id, role_id) values (%L, %L, %L)',
    current_setting('tests.acme'), tests.user_id('eve'), tests.system_role('guest')
  ),
  '42501', null,
  'not even an owner makes somebody a member without their word'
);

-- Forged columns.
select throws_ok(
  $$ update public.organization_members set permissions = array['agents.read'] $$,
  '42501', null,
  'nobody writes permissions'
);
select throws_ok(
  $$ update public.organization_members set user_id = tests.user_id('eve') $$,
  '42501', null,
  'nobody hands on a membership'
);
select throws_ok(
  $$ update public.organization_members set organization_id = gen_random_uuid() $$,
  '42501', null,
  'nobody moves a membership'
);
select tests.act_as_service();
select throws_ok(
  $$ update public.organization_members set permissions = array['agents.read'] $$,
  '42501', null,
  'not even the service writes permissions'
);

-- Going up.
select tests.act_as('cleo');
select is_empty(
  $$
    update public.organization_members set role_id = tests.system_role('owner')
    where id = tests.membership('cleo') returning id
  $$,
  'a member does not promote themself'
);
select tests.act_as('bob');
select throws_ok(
  $$
    update public.organization_members set role_id = tests.system_role('owner')
    where id = tests.membership('bob')
  $$,
  'PT403', null,
  'an admin does not promote themself'
);
select throws_ok(
  $$
    update public.organization_members
    set custom_permissions = '{"grant": ["organizations.delete"], "deny": []}'
    where id = tests.membership('bob')
  $$,
  'PT403', null,
  'an admin does not grant themself what they do not hold'
);
select throws_ok(
  $$
    update public.organization_members
    set custom_permissions = '{"grant": ["organizations.delete"], "deny": []}'
    where id = tests.membership('cleo')
  $$,
  'PT403', null,
  'an admin does not grant others what they do not hold'
);
select throws_ok(
  $$
    update public.organization_members set role_id = tests.system_role('owner')
    where id = tests.membership('cleo')
  $$,
  'PT403', null,
  'an admin makes no owner'
);
select throws_ok(
  $$
    update public.organization_members
    set role_id = tests.system_role('owner'),
      custom_permissions = '{"grant": [], "deny": ["organizations.delete", "quotas.manage"]}'
    where id = tests.membership('cleo')
  $$,
  'PT409', null,
  'not even one with exceptions: there are none for an owner'
);
select throws_ok(
  $$
    update public.organization_members set role_id = tests.system_role('guest')
    where id = tests.membership('ada')
  $$,
  'PT403', null,
  'an admin does not demote an owner'
);
select throws_ok(
  $$ delete from public.organization_members where id = tests.membership('ada') $$,
  'PT403', null,
  'an admin does not remove an owner'
);
select lives_ok(
  $$
    update public.organization_members set role_id = tests.system_role('manager')
    where id = tests.membership('cleo')
  $$,
  'an admin promotes within what they hold'
);
select set_eq(
  $$ select unnest(tests.permissions_of('cleo')) $$,
  $$
    select permission_key from public.role_permissions where role_id = tests.system_role('manager')
  $$,
  'the permissions follow the role'
);
select throws_ok(
  format(
    'update public.organization_members set role_id = %L where id = tests.membership(%L)',
    gen_random_uuid(), 'cleo'
  ),
  'PT404', null,
  'a role that is not there is refused'
);

-- A role of another organization.
select tests.act_as('eve');
insert into public.roles (organization_id, name, display_name)
values (tests.organization_of('eve'), 'spy', 'Spy');
select set_config('tests.spy', (select id::text from public.roles where name = 'spy'), true);
select tests.act_as('ada');
select throws_ok(
  format(
    'update public.organization_members set role_id = %L where id = tests.membership(%L)',
    current_setting('tests.spy'), 'cleo'
  ),
  'PT404', null,
  'a role of another organization is refused'
);

-- Exceptions.
select lives_ok(
  $$
    update public.organization_members
    set custom_permissions = '{"grant": ["audit.read"], "deny": ["agents.run", "audit.export"]}'
    where id = tests.membership('cleo')
  $$,
  'an owner grants and denies single permissions'
);
select is(
  tests.permissions_of('cleo') @> array['audit.read']
    and not 'agents.run' = any (tests.permissions_of('cleo')),
  true,
  'the permissions follow the exceptions'
);
select throws_ok(
  $$
    update public.organization_members set custom_permissions = '{"grant": ["agents.fly"]}'
    where id = tests.membership('cleo')
  $$,
  'PT400', null,
  'an unknown permission is refused'
);
select throws_ok(
  $$
    update public.organization_members set custom_permissions = '{"give": []}'
    where id = tests.membership('cleo')
  $$,
  '23514', null,
  'exceptions have one shape'
);

-- A role that changes under its members.
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.acme')::uuid, 'clerk', 'Clerk');
select set_config('tests.clerk', (select id::text from public.roles where name = 'clerk'), true);
update public.organization_members
set role_id = current_setting('tests.clerk')::uuid,
  custom_permissions = '{"grant": [], "deny": ["audit.export"]}'
where id = tests.membership('cleo');
select is(tests.permissions_of('cleo'), '{}', 'an empty role carries nothing');
insert into public.role_permissions (role_id, permission_key)
select current_setting('tests.clerk')::uuid, unnest(array['agents.read', 'audit.read', 'audit.export']);
select is(
  tests.permissions_of('cleo'),
  array['agents.read', 'audit.read'],
  'what is added to a role reaches its members with the next statement, less what is denied'
);
delete from public.role_permissions
where role_id = current_setting('tests.clerk')::uuid and permission_key = 'audit.read';
select is(
  tests.permissions_of('cleo'),
  array['agents.read'],
  'what is taken from a role is taken from its members'
);

-- Suspending.
select tests.act_as('ada');
select lives_ok(
  $$ update public.organization_members set status = 'suspended' where id = tests.membership('cleo') $$,
  'a member is suspended'
);
select tests.act_as('cleo');
select is_empty(
  $$ select id from public.organizations where name = 'Acme' $$,
  'a suspended member holds nothing from the next statement on'
);
select is_empty(
  $$
    update public.organization_members set status = 'active'
    where id = tests.membership('cleo') returning id
  $$,
  'a suspended member does not come back by themself'
);
select tests.act_as('ada');
select throws_ok(
  $$ update public.organization_members set status = 'active' where id = tests.membership('dan') $$,
  'PT409', null,
  'nobody accepts an invitation for another'
);

-- The last owner.
select throws_ok(
  $$ delete from public.organization_members where id = tests.membership('ada') $$,
  'PT409', null,
  'the last owner does not leave'
);
select throws_ok(
  $$
    update public.organization_members set role_id = tests.system_role('admin')
    where id = tests.membership('ada')
  $$,
  'PT409', null,
  'the last owner does not demote themself'
);
select throws_ok(
  $$ update public.organization_members set status = 'suspended' where id = tests.membership('ada') $$,
  'PT409', null,
  'the last owner does not suspend themself'
);
select tests.act_as_service();
select throws_ok(
  $$ delete from public.organization_members where id = tests.membership('ada') $$,
  'PT409', null,
  'not even the service removes the last owner'
);
select tests.act_as('ada');
select lives_ok(
  $$
    update public.organization_members set role_id = tests.system_role('owner')
    where id = tests.membership('bob')
  $$,
  'an owner makes another owner'
);
select lives_ok(
  $$
    update public.organization_members set role_id = tests.system_role('admin')
    where id = tests.membership('ada')
  $$,
  'and may step down then'
);

-- Leaving.
select tests.act_as('cleo');
select lives_ok(
  $$ delete from public.organization_members where id = tests.membership('cleo') $$,
  'everyone may leave, also when suspended'
);
select tests.act_as('dan');
select is_empty(
  $$ delete from public.organization_members where id = tests.membership('ada') returning id $$,
  'the invited remove nobody'
);
select lives_ok(
  $$ delete from public.organization_members where id = tests.membership('dan') $$,
  'the invited may decline'
);
select tests.act_as('eve');
select is_empty(
  $$ delete from public.organization_members where id = tests.membership('ada') returning id $$,
  'a stranger removes nobody'
);

-- A personal organization stays its user's.
select tests.add_member(tests.organization_of('eve'), 'bob', 'owner');
select tests.act_as('bob');
select throws_ok(
  $$
    delete from public.organization_members
    where organization_id = tests.organization_of('eve') and user_id = tests.user_id('eve')
  $$,
  'PT409', null,
  'nobody is removed from their personal organization'
);

select * from finish();
rollback;
