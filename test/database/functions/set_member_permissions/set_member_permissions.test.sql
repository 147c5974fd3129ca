-- set_member_permissions(): exceptions from a role, within what the caller holds.
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
create function tests.call(
  p_name text,
  p_organization_id uuid default null,
  p_grant text[] default '{}',
  p_deny text[] default '{}'
)
returns text language sql volatile
as $$
  select tests.answer(format(
    'select public.set_member_permissions(%L, %L, %L, %L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid), tests.user_id(p_name), p_grant,
    p_deny
  ))
$$;

select tests.act_as('cleo');
select is(tests.call('ada'), 'PT403 permission_denied', 'a member without the permission is refused');
select is(tests.call('cleo'), 'PT403 permission_denied', 'also about themself');
select tests.act_as('dan');
select is(tests.call('cleo'), 'PT403 permission_denied', 'so is a suspended admin');
select is(tests.call('dan'), 'PT403 permission_denied', 'also about themself');
select tests.act_as('eve');
select is(tests.call('cleo'), 'PT403 permission_denied', 'so is a stranger');
select is(
  tests.call('cleo', gen_random_uuid()),
  'PT403 permission_denied',
  'who gets the same answer for an organization that is not there'
);
select is(
  tests.call('cleo', tests.organization_of('eve')),
  'PT404 member_not_found',
  'nobody reaches a member through an organization of their own'
);
select tests.act_as_anon();
select is(tests.call('cleo'), '42501', 'visitors are refused');
select tests.act_as_service();
select is(tests.call('cleo'), '42501', 'the service writes the table instead');
select tests.act_as('bob');
select is(tests.call('eve'), 'PT404 member_not_found', 'a stranger is no member');
select is(tests.call('ada'), 'PT403 exceeds_own_permissions', 'an admin does not touch an owner');

select is(
  tests.call('cleo', null, '{organizations.delete}'),
  'PT403 exceeds_own_permissions',
  'nobody lends what they do not hold'
);
select is(
  tests.call('bob', null, '{organizations.delete}'),
  'PT403 exceeds_own_permissions',
  'to themself neither'
);
select is(
  tests.call('cleo', null, '{audit.read,audit.read,agents.manage}', '{agents.run,audit.read}'),
  'ok',
  'a member gets exceptions'
);
select results_eq(
  $$ select custom_permissions from public.organization_members where user_id = tests.user_id('cleo')
    and organization_id = current_setting('tests.acme')::uuid $$,
  $$ values (
    '{"grant": ["agents.manage", "audit.read"], "deny": ["agents.run", "audit.read"]}'::jsonb
  ) $$,
  'each named once, in order'
);
select tests.act_as('cleo');
select set_has(
  format('select public.my_permissions(%L)', current_setting('tests.acme')),
  $$ values ('agents.manage') $$,
  'who holds what was granted'
);
select set_hasnt(
  format('select public.my_permissions(%L)', current_setting('tests.acme')),
  $$ values ('agents.run'), ('audit.read') $$,
  'and nothing of what was denied: deny wins'
);
select tests.act_as('ada');
select is(
  tests.call('bob', null, '{}', '{members.manage}'), 'ok', 'an owner denies an admin something'
);
select tests.act_as('bob');
select is(
  tests.call('bob'), 'PT403 permission_denied', 'which the admin does not take back'
);
select tests.act_as('ada');
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), '{}', '{quotas.read}'
);
select tests.act_as('bob');
select is(
  tests.call('bob'),
  'PT403 exceeds_own_permissions',
  'not even one who still manages members: the role carries what they were denied'
);
select tests.act_as('ada');
select is(
  tests.call('cleo', null, '{agents.fly}'), 'PT400 permission_unknown', 'unknown keys are refused'
);
select is(
  tests.call('ada', null, '{}', '{agents.run}'),
  'PT409 owner_without_exceptions',
  'there are none for an owner'
);

select * from finish();
rollback;
