begin;
select plan(12);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');

select tests.act_as('bob');
select results_eq(
  $$ insert into public.agents (name) values ('One') returning organization_id $$,
  $$ select tests.organization_of('bob') $$,
  'new rows go to the personal organization at first'
);
select is(
  (public.switch_organization(current_setting('tests.acme')::uuid)).name, 'Acme', 'a member switches'
);
select lives_ok(
  format('select public.switch_organization(%L)', current_setting('tests.acme')),
  'and may do so again'
);
select tests.act_as('ada');
select results_eq(
  $$
    select actor_type, actor_id, resource_type, resource_id
    from public.audit_logs where action = 'organization.entered'
      and organization_id = current_setting('tests.acme')::uuid
  $$,
  $$ values ('user', tests.user_id('bob'), 'organizations', current_setting('tests.acme')) $$,
  'which is written down once'
);
select tests.act_as('bob');
select results_eq(
  $$ insert into public.agents (name) values ('Two') returning organization_id $$,
  $$ select current_setting('tests.acme')::uuid $$,
  'and new rows go there'
);
select throws_ok(
  format('select public.switch_organization(%L)', tests.organization_of('ada')),
  'PT404', null,
  'nobody switches to an organization they do not belong to'
);
select throws_ok(
  format('select public.switch_organization(%L)', gen_random_uuid()),
  'PT404', null,
  'one that does not exist gets the same answer'
);
select throws_ok('select public.switch_organization(null)', 'PT404', null, 'nor to none');

select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('bob');
select results_eq(
  $$ insert into public.agents (name) values ('Three') returning organization_id $$,
  $$ select tests.organization_of('bob') $$,
  'new rows of a suspended member go home'
);
select throws_ok(
  format('select public.switch_organization(%L)', current_setting('tests.acme')),
  'PT404', null,
  'a suspended member does not switch there'
);

select tests.act_as_nobody();
delete from public.organization_members
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('bob');
select is(private.current_organization_id(), tests.organization_of('bob'), 'who left works at home');
select tests.act_as_anon();
select throws_ok(
  format('select public.switch_organization(%L)', gen_random_uuid()),
  '42501', null,
  'visitors switch nowhere'
);

select * from finish();
rollback;
