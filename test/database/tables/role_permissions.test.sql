begin;
select plan(16);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.acme')::uuid, 'clerk', 'Clerk');
select set_config('tests.clerk', (select id::text from public.roles where name = 'clerk'), true);
select tests.act_as('eve');
insert into public.roles (organization_id, name, display_name)
values (tests.organization_of('eve'), 'spy', 'Spy');
select set_config('tests.spy', (select id::text from public.roles where name = 'spy'), true);

select policies_are(
  'public', 'role_permissions', array['select_member', 'insert_manager', 'delete_manager']
);

select tests.act_as('bob');
select lives_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key) values (%1$L, %2$L), (%1$L, %3$L)',
    current_setting('tests.clerk'), 'agents.read', 'tasks.read'
  ),
  'who holds roles.manage gives a role what they hold'
);
select is(
  (select distinct organization_id from public.role_permissions
    where role_id = current_setting('tests.clerk')::uuid),
  current_setting('tests.acme')::uuid,
  'the organization is that of the role'
);
select throws_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key) values (%L, %L)',
    current_setting('tests.clerk'), 'organizations.delete'
  ),
  'PT403', null,
  'nobody gives a role what they do not hold'
);
select throws_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key) values (%L, %L)',
    (select id from public.roles where name = 'member' and organization_id is null), 'audit.read'
  ),
  'PT409', null,
  'nobody adds to a role of the system'
);
select is_empty(
  $$
    delete from public.role_permissions
    where role_id = (select id from public.roles where name = 'owner' and organization_id is null)
    returning role_id
  $$,
  'nobody takes from a role of the system'
);
select throws_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key, organization_id) values (%L, %L, %L)',
    current_setting('tests.spy'), 'agents.read', current_setting('tests.acme')
  ),
  '23503', null,
  'nobody gives to a role of another organization by naming their own'
);
select throws_ok(
  $$ update public.role_permissions set permission_key = 'agents.run' $$,
  '42501', null,
  'a row is there or not, it does not change'
);

-- Taking away is touching as well.
select tests.act_as('ada');
insert into public.role_permissions (role_id, permission_key)
values (current_setting('tests.clerk')::uuid, 'quotas.manage');
select tests.act_as('bob');
select throws_ok(
  $$ delete from public.role_permissions where permission_key = 'quotas.manage' and organization_id is not null $$,
  'PT403', null,
  'nobody takes from a role what they do not hold'
);
select lives_ok(
  $$ delete from public.role_permissions where permission_key = 'tasks.read' and organization_id is not null $$,
  'who holds roles.manage takes from a role what they hold'
);

select tests.act_as('cleo');
select isnt_empty(
  format('select 1 from public.role_permissions where role_id = %L', current_setting('tests.clerk')),
  'members see what the roles of their organization carry'
);
select throws_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key) values (%L, %L)',
    current_setting('tests.clerk'), 'agents.run'
  ),
  '42501', null,
  'a member without roles.manage gives a role nothing'
);
select is_empty(
  'delete from public.role_permissions returning role_id',
  'a member without roles.manage takes nothing from a role'
);

select tests.act_as('eve');
select is_empty(
  format('select 1 from public.role_permissions where role_id = %L', current_setting('tests.clerk')),
  'a stranger does not see what a role carries'
);
select throws_ok(
  format(
    'insert into public.role_permissions (role_id, permission_key) values (%L, %L)',
    current_setting('tests.clerk'), 'agents.read'
  ),
  'PT403', null,
  'a stranger gives a role nothing'
);

select tests.act_as_anon();
select throws_ok('select 1 from public.role_permissions', '42501', null, 'visitors see nothing');

select * from finish();
rollback;
