-- set_member_role(): no one gives a role beyond their own, nor takes one.
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
create function tests.carried_by(p_role_id uuid) returns text[] language sql stable security definer
as $$ select private.permissions_of_role(p_role_id) $$;
create function tests.place_of(p_name text) returns text language sql stable security definer
as $$
  select concat_ws(' ', roles.name, organization_members.status)
  from public.organization_members
  join public.roles on roles.id = organization_members.role_id
  where organization_members.organization_id = current_setting('tests.acme')::uuid
    and organization_members.user_id = tests.user_id(p_name)
$$;
create function tests.call(
  p_name text,
  p_organization_id uuid default null,
  p_role_id uuid default tests.system_role('guest')
)
returns text language sql volatile
as $$
  select tests.answer(format(
    'select public.set_member_role(%L, %L, %L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid), tests.user_id(p_name), p_role_id
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

-- The ceiling.
select is(
  tests.call('cleo', null, tests.system_role('owner')),
  'PT403 exceeds_own_permissions',
  'an admin makes no owner'
);
select is(
  tests.call('bob', null, tests.system_role('owner')),
  'PT403 exceeds_own_permissions',
  'least of all themself'
);
select tests.act_as('bob');
select is(
  (
    public.set_member_role(
      current_setting('tests.acme')::uuid, tests.user_id('cleo'), tests.system_role('admin')
    )
  ).permissions,
  tests.carried_by(tests.system_role('admin')),
  'an admin makes an admin, with what the role carries'
);
select is(tests.place_of('cleo'), 'admin active', 'which lasts');
select is(tests.call('dan'), 'ok', 'the suspended can get another role, too');
select is(tests.place_of('dan'), 'guest suspended', 'and stay suspended');
select is(tests.call('bob'), 'ok', 'everyone may step down');
select is(tests.call('cleo'), 'PT403 permission_denied', 'and holds less with the next statement');

-- Exceptions count.
select tests.act_as('ada');
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), tests.system_role('admin')
);
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), '{quotas.manage}', '{}'
);
select tests.act_as('bob');
select is(
  tests.call('cleo'), 'PT403 exceeds_own_permissions', 'nor touches who was lent more than they hold'
);
select tests.act_as('ada');
select is(
  tests.call('cleo', null, tests.system_role('owner')),
  'PT409 owner_without_exceptions',
  'an owner has no exceptions'
);

-- Forged roles.
select tests.act_as('eve');
insert into public.roles (organization_id, name, display_name)
values (tests.organization_of('eve'), 'spy', 'Spy');
select set_config('tests.spy', (select id::text from public.roles where name = 'spy'), true);
select tests.act_as('ada');
select is(
  tests.call('cleo', null, current_setting('tests.spy')::uuid),
  'PT404 role_not_found',
  'a role of another organization is refused'
);
select is(tests.call('cleo', null, gen_random_uuid()), 'PT404 role_not_found', 'one that is not there, too');
select is(tests.call('cleo', null, null), 'PT404 role_not_found', 'and none');

-- The last owner.
select is(tests.call('ada'), 'PT409 last_owner', 'the last owner stays one');
select is(
  tests.call('ada', tests.organization_of('ada')),
  'PT409 personal_organization',
  'and everyone the owner of their personal organization'
);

select * from finish();
rollback;
