begin;
select plan(6);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'guest');

select tests.act_as('bob');
select set_eq(
  $$ select public.my_permissions(tests.organization_of('ada')) $$,
  $$
    select role_permissions.permission_key
    from public.role_permissions
    join public.roles on roles.id = role_permissions.role_id
    where roles.name = 'guest' and roles.organization_id is null
  $$,
  'a member is told what their role carries'
);
select set_eq(
  'select public.my_permissions()',
  'select key from public.permissions',
  'without an argument it is the current organization'
);
select public.switch_organization(tests.organization_of('ada'));
select is(
  (select count(*) from public.my_permissions()) < 20, true, 'also after switching'
);
select tests.act_as('eve');
select is_empty(
  $$ select public.my_permissions(tests.organization_of('ada')) $$, 'a stranger holds nothing'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('bob')
  and organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select is_empty(
  $$ select public.my_permissions(tests.organization_of('ada')) $$, 'a suspended member holds nothing'
);
select tests.act_as_anon();
select throws_ok('select public.my_permissions()', '42501', null, 'visitors are told nothing');

select * from finish();
rollback;
