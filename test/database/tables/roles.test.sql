begin;
select plan(24);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');

select policies_are(
  'public', 'roles',
  array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);
select bag_eq(
  'select name from public.roles where organization_id is null',
  array['owner', 'admin', 'manager', 'member', 'guest'],
  'there are five roles of the system'
);
select is_empty(
  $$
    select keys.key from public.permissions as keys
    where keys.key not in (
      select role_permissions.permission_key
      from public.role_permissions
      join public.roles on roles.id = role_permissions.role_id
      where roles.name = 'owner' and roles.organization_id is null
    )
  $$,
  'an owner holds everything'
);
select is_empty(
  $$
    with ranks (place, name) as (
      values (1, 'owner'), (2, 'admin'), (3, 'manager'), (4, 'member'), (5, 'guest')
    ), held as (
      select ranks.place, role_permissions.permission_key as key
      from ranks
      join public.roles on roles.name = ranks.name and roles.organization_id is null
      join public.role_permissions on role_permissions.role_id = roles.id
    )
    select low.place, low.key
    from held as low
    where low.place > 1
      and not exists (
        select from held as high where high.place = low.place - 1 and high.key = low.key
      )
  $$,
  'each role of the system holds all that the one below it holds'
);

select tests.act_as('bob');
select lives_ok(
  format(
    'insert into public.roles (organization_id, name, display_name) values (%L, %L, %L)',
    current_setting('tests.acme'), 'clerk', 'Clerk'
  ),
  'who holds roles.manage defines a role'
);
select throws_ok(
  format(
    'insert into public.roles (organization_id, name, display_name) values (%L, %L, %L)',
    current_setting('tests.acme'), 'owner', 'Owner'
  ),
  '23514', null,
  'no role borrows the name of one of the system'
);
select throws_ok(
  $$ insert into public.roles (organization_id, name, display_name) values (null, 'root', 'Root') $$,
  '42501', null,
  'nobody defines a role of the system'
);
select is_empty(
  $$ update public.roles set display_name = 'Boss' where organization_id is null returning id $$,
  'nobody changes a role of the system'
);
select is_empty(
  $$ delete from public.roles where organization_id is null returning id $$,
  'nobody deletes a role of the system'
);
select throws_ok(
  $$ update public.roles set organization_id = null where name = 'clerk' $$,
  '42501', null,
  'nobody moves a role'
);
select lives_ok(
  $$ update public.roles set display_name = 'Head clerk' where name = 'clerk' $$,
  'who holds roles.manage renames a role'
);

select tests.act_as('cleo');
select is(
  (select display_name from public.roles where name = 'clerk'),
  'Head clerk',
  'members see the roles of their organization'
);
select throws_ok(
  format(
    'insert into public.roles (organization_id, name, display_name) values (%L, %L, %L)',
    current_setting('tests.acme'), 'spy', 'Spy'
  ),
  '42501', null,
  'a member without roles.manage defines no role'
);
select is_empty(
  $$ update public.roles set display_name = 'Mine' where name = 'clerk' returning id $$,
  'a member without roles.manage changes no role'
);
select is_empty(
  $$ delete from public.roles where name = 'clerk' returning id $$,
  'a member without roles.manage deletes no role'
);

select tests.act_as('eve');
select is_empty(
  $$ select id from public.roles where name = 'clerk' $$,
  'a stranger does not see roles of an organization'
);
select throws_ok(
  format(
    'insert into public.roles (organization_id, name, display_name) values (%L, %L, %L)',
    current_setting('tests.acme'), 'spy', 'Spy'
  ),
  '42501', null,
  'a stranger defines no role'
);

-- A role above the one who would change it.
select tests.act_as('ada');
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.acme')::uuid, 'liquidator', 'Liquidator');
insert into public.role_permissions (role_id, permission_key)
select id, 'organizations.delete' from public.roles where name = 'liquidator';
select tests.act_as('bob');
select throws_ok(
  $$ update public.roles set display_name = 'Nobody' where name = 'liquidator' $$,
  'PT403', null,
  'nobody changes a role that carries more than they hold'
);
select throws_ok(
  $$ delete from public.roles where name = 'liquidator' $$,
  'PT403', null,
  'nobody deletes a role that carries more than they hold'
);

-- A role in use.
select tests.act_as_nobody();
update public.organization_members
set role_id = (select id from public.roles where name = 'clerk')
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('ada');
select throws_ok(
  $$ delete from public.roles where name = 'clerk' $$,
  'PT409', null,
  'a role that members have is not deleted'
);
select lives_ok(
  $$ delete from public.roles where name = 'liquidator' $$,
  'a role that nobody has is deleted'
);

select tests.act_as_service();
select throws_ok(
  $$ update public.roles set display_name = 'Boss' where name = 'owner' and organization_id is null $$,
  'PT409', null,
  'the service changes no role of the system either'
);
select throws_ok(
  $$ delete from public.roles where name = 'guest' and organization_id is null $$,
  'PT409', null,
  'the service deletes no role of the system either'
);

select tests.act_as_anon();
select throws_ok('select id from public.roles', '42501', null, 'visitors see no roles');

select * from finish();
rollback;
