-- delete_role(): a role goes without leaving anyone behind, or lifting anyone up.
begin;
select plan(26);

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
select tests.create_user('finn');
select tests.add_member(current_setting('tests.acme')::uuid, 'finn', 'member');

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
create function tests.call(p_role_id uuid, p_replacement_role_id uuid default null)
returns text language sql volatile
as $$
  select tests.answer(format('select public.delete_role(%L, %L)', p_role_id, p_replacement_role_id))
$$;

select tests.act_as('bob');
select public.create_role(
  current_setting('tests.acme')::uuid, roles.name, initcap(roles.name), roles.permissions
)
from (values
  ('clerk', array['agents.read']),
  ('chief', array['agents.read', 'agents.run']),
  ('idle', array['agents.read'])
) as roles (name, permissions);
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), tests.own_role('clerk')
);

select tests.act_as('finn');
select is(
  tests.call(tests.own_role('idle')), 'PT404 role_not_found', 'without the permission nothing goes'
);
select tests.act_as('dan');
select is(tests.call(tests.own_role('idle')), 'PT404 role_not_found', 'nor by a suspended admin');
select tests.act_as('eve');
select is(tests.call(tests.own_role('idle')), 'PT404 role_not_found', 'nor by a stranger');
select is(
  tests.call(gen_random_uuid()),
  'PT404 role_not_found',
  'who gets the same answer for one that is not there'
);
select tests.act_as_anon();
select is(tests.call(gen_random_uuid()), '42501', 'visitors delete none');
select tests.act_as('bob');
select is(tests.call(tests.system_role('guest')), 'PT409 system_role', 'roles of the system stay');
select is(tests.call(tests.own_role('idle')), 'ok', 'a role without members goes');
select is(tests.own_role('idle'), null, 'and is gone');

-- Members.
select is(tests.call(tests.own_role('clerk')), 'PT409 role_in_use', 'one with members does not');
select is(
  tests.call(tests.own_role('clerk'), tests.own_role('clerk')),
  'PT400 role_replacement_invalid',
  'a role is no replacement of itself'
);
select is(
  tests.call(tests.own_role('clerk'), gen_random_uuid()),
  'PT404 role_not_found',
  'a replacement has to be there'
);
select tests.act_as('eve');
select public.create_role(tests.organization_of('eve'), 'spy', 'Spy', '{agents.read}');
select tests.act_as('bob');
select is(
  tests.call(tests.own_role('clerk'), tests.own_role('spy')),
  'PT404 role_not_found',
  'and in this organization'
);
select is(
  tests.call(tests.own_role('clerk'), tests.system_role('owner')),
  'PT403 exceeds_own_permissions',
  'nobody lifts members above themself by it'
);
select tests.act_as('ada');
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('finn'), '{roles.manage}', '{}'
);
select tests.act_as('finn');
select is(
  tests.call(tests.own_role('clerk'), tests.system_role('guest')),
  'PT403 permission_denied',
  'moving members takes the permission to manage them'
);
select tests.act_as('ada');
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), '{quotas.manage}', '{}'
);
select tests.act_as('bob');
select is(
  tests.call(tests.own_role('clerk'), tests.own_role('chief')),
  'PT403 exceeds_own_permissions',
  'and to hold what they hold'
);
select tests.act_as('ada');
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), '{audit.read}', '{}'
);
select set_config('tests.invitation', public.invite_member(
  current_setting('tests.acme')::uuid, 'nora@example.test', tests.own_role('clerk')
) ->> 'id', true);
select tests.act_as('bob');
select is(
  tests.call(tests.own_role('clerk'), tests.own_role('chief')), 'ok', 'a replacement takes over'
);
select is(tests.own_role('clerk'), null, 'the role is gone');
select tests.act_as('cleo');
select set_eq(
  format('select public.my_permissions(%L)', current_setting('tests.acme')),
  array['agents.read', 'agents.run', 'audit.read'],
  'its members hold what the other carries, with their exceptions'
);
select tests.act_as('ada');
select is(
  (
    select role_id from public.organization_invitations
    where id = current_setting('tests.invitation')::uuid
  ),
  tests.own_role('chief'),
  'and who is invited gets the other'
);

-- An invitation is no ladder, either.
select public.create_role(current_setting('tests.acme')::uuid, 'bait', 'Bait', '{agents.read}');
select public.invite_member(
  current_setting('tests.acme')::uuid, 'friend@example.test', tests.own_role('bait')
);
select tests.act_as('bob');
select is(
  tests.call(tests.own_role('bait'), tests.system_role('owner')),
  'PT403 exceeds_own_permissions',
  'nobody turns an owner''s invitation into more than they could offer'
);
select is(tests.call(tests.own_role('bait')), 'ok', 'without a replacement the role goes');
select is_empty(
  $$ select from public.organization_invitations where email = 'friend@example.test' $$,
  'and what was offered with it'
);
select tests.act_as('ada');
select public.set_role_permissions(tests.own_role('chief'), '{agents.read,quotas.manage}');
select tests.act_as('bob');
select is(
  tests.call(tests.own_role('chief'), tests.system_role('guest')),
  'PT403 exceeds_own_permissions',
  'nobody removes a role that carries more than they hold'
);
select tests.act_as('ada');
select is(
  tests.call(tests.own_role('chief'), tests.system_role('owner')),
  'PT409 owner_without_exceptions',
  'owners have no exceptions, so nobody with some becomes one by it'
);
select isnt(tests.own_role('chief'), null, 'and nothing was done by halves');
select is(
  tests.call(tests.own_role('chief'), tests.system_role('member')), 'ok', 'any other will do'
);

select * from finish();
rollback;
