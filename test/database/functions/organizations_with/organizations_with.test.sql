begin;
select plan(9);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'guest');

select tests.act_as('bob');
select set_eq(
  $$ select unnest(private.organizations_with('agents.read')) $$,
  $$ values (tests.organization_of('bob')), (tests.organization_of('ada')) $$,
  'it lists the organizations in which the caller holds the permission'
);
select results_eq(
  $$ select private.organizations_with('agents.create') $$,
  $$ select array[tests.organization_of('bob')] $$,
  'and not those in which they do not'
);
select is(private.organizations_with('agents.fly'), '{}', 'nobody holds what does not exist');
select is(private.organizations_with(null), '{}', 'nor nothing');

select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select results_eq(
  $$ select private.organizations_with('agents.read') $$,
  $$ select array[tests.organization_of('bob')] $$,
  'a suspended membership does not count'
);

-- A token outlives what its claims say; only the membership counts.
select tests.act_with('authenticated', jsonb_build_object(
  'sub', tests.user_id('bob'), 'role', 'authenticated',
  'app_metadata', jsonb_build_object('organization_id', tests.organization_of('ada'), 'role', 'owner'),
  'user_metadata', jsonb_build_object('role', 'owner')
));
select results_eq(
  $$ select private.organizations_with('agents.manage') $$,
  $$ select array[tests.organization_of('bob')] $$,
  'claims give nothing'
);
select tests.act_with('authenticated', jsonb_build_object(
  'sub', gen_random_uuid(), 'role', 'authenticated'
));
select is(private.organizations_with('agents.read'), '{}', 'a user who was deleted holds nothing');
select tests.act_with('authenticated', '{"role": "authenticated"}');
select is(private.organizations_with('agents.read'), '{}', 'a token without a user holds nothing');
select tests.act_as_anon();
select throws_ok(
  $$ select private.organizations_with('agents.read') $$, '42501', null, 'visitors do not ask'
);

select * from finish();
rollback;
