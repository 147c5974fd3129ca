-- set_role_permissions(): what a role carries changes for all who have it, within the caller's own.
begin;
select plan(22);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');

create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
create function tests.own_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is not null $$;
-- What a call said: "ok", or the sqlstate and the key.
create function tests.answer(p_statement text) returns text
language plpgsql volatile
as $$
declare
  v_detail text;
begin
  execute p_statement;
  return 'ok';
exception
  when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    return concat_ws(' ', sqlstate, nullif(v_detail, ''));
end;
$$;
create function tests.call(p_permissions text[], p_role_id uuid default tests.own_role('clerk'))
returns text language sql volatile
as $$
  select tests.answer(format('select public.set_role_permissions(%L, %L)', p_role_id, p_permissions))
$$;

select tests.act_as('bob');
select public.create_role(
  current_setting('tests.acme')::uuid, 'clerk', 'Clerk', '{agents.read,members.read}'
);
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), tests.own_role('clerk')
);

select tests.act_as('cleo');
select is(tests.call('{}'), 'PT404 role_not_found', 'a member without the permission changes none');
select tests.act_as('dan');
select is(tests.call('{}'), 'PT404 role_not_found', 'nor does a suspended admin');
select tests.act_as('eve');
select is(tests.call('{}'), 'PT404 role_not_found', 'nor does a stranger');
select is(
  tests.call('{}', gen_random_uuid()),
  'PT404 role_not_found',
  'who gets the same answer for one that is not there'
);
select tests.act_as_anon();
select is(tests.call('{}', gen_random_uuid()), '42501', 'visitors change none');
select tests.act_as('ada');
select is(
  tests.call('{}', tests.system_role('guest')), 'PT409 system_role', 'roles of the system stay'
);
select tests.act_as('bob');
select is(
  tests.call('{agents.read,quotas.manage}'),
  'PT403 exceeds_own_permissions',
  'nobody puts in what they do not hold'
);
select is(tests.call('{agents.fly}'), 'PT400 permission_unknown', 'nor what there is not');
select is(tests.call(null), 'PT400 permissions_missing', 'a forgotten list empties no role');

select results_eq(
  $$ select public.set_role_permissions(
    tests.own_role('clerk'), '{roles.read,agents.read,agents.create}'
  ) $$,
  $$ values (array['agents.create', 'agents.read', 'roles.read']) $$,
  'the whole set is replaced'
);
select tests.act_as('cleo');
select set_eq(
  format('select public.my_permissions(%L)', current_setting('tests.acme')),
  array['agents.create', 'agents.read', 'roles.read'],
  'which members hold with their next statement'
);
select lives_ok(
  format(
    'insert into public.agents (organization_id, name) values (%L, %L)',
    current_setting('tests.acme'), 'Scribe'
  ),
  'what was put in works at once'
);
select is_empty(
  format(
    'select from public.organization_members where organization_id = %L and user_id <> %L',
    current_setting('tests.acme'), tests.user_id('cleo')
  ),
  'what was taken is gone at once'
);
select tests.act_as('ada');
select is(tests.call('{agents.read,quotas.manage}'), 'ok', 'an owner puts in what an admin cannot');
select tests.act_as('bob');
select is(
  tests.call('{agents.read}'), 'PT403 exceeds_own_permissions', 'and what an admin cannot take out'
);

-- Nobody rises by the role they have.
select tests.act_as('ada');
select is(tests.call('{agents.read,roles.manage}'), 'ok', 'a role may manage roles');
select tests.act_as('cleo');
select is(
  tests.call('{agents.read,roles.manage,agents.run}'),
  'PT403 exceeds_own_permissions',
  'its members do not raise it'
);
select is(
  tests.answer(format(
    'select public.create_role(%L, %L, %L, %L)',
    current_setting('tests.acme'), 'boss', 'Boss', '{agents.run}'
  )),
  'PT403 exceeds_own_permissions',
  'nor define one above it'
);
select is(tests.call('{agents.read}'), 'ok', 'but may lower it');
select is(tests.call('{agents.read}'), 'PT404 role_not_found', 'which is that');
select tests.act_as('ada');
select is(tests.call('{}'), 'ok', 'a role may carry nothing');
select tests.act_as('cleo');
select is_empty(
  format('select public.my_permissions(%L)', current_setting('tests.acme')), 'nor its members'
);

select * from finish();
rollback;
