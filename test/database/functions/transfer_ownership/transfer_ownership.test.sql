-- transfer_ownership(): an owner hands over and becomes admin, both at once.
begin;
select plan(17);

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
create function tests.call(p_name text, p_organization_id uuid default null) returns text
language sql volatile
as $$
  select tests.answer(format(
    'select public.transfer_ownership(%L, %L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid), tests.user_id(p_name)
  ))
$$;

select tests.act_as('bob');
select is(tests.call('bob'), 'PT403 permission_denied', 'an admin does not make themself owner');
select is(tests.call('cleo'), 'PT403 permission_denied', 'nor somebody else');
select tests.act_as('dan');
select is(tests.call('dan'), 'PT403 permission_denied', 'nor does one who is suspended');
select tests.act_as('eve');
select is(tests.call('eve'), 'PT403 permission_denied', 'nor does a stranger');
select is(
  tests.call('eve', gen_random_uuid()),
  'PT403 permission_denied',
  'who gets the same answer for an organization that is not there'
);
select tests.act_as_anon();
select is(tests.call('cleo'), '42501', 'visitors hand over nothing');
select tests.act_as('ada');
select is(tests.call('ada'), 'PT404 member_not_found', 'nobody hands over to themself');
select is(tests.call('eve'), 'PT404 member_not_found', 'nor to a stranger');
select is(tests.call('dan'), 'PT404 member_not_found', 'nor to one who is suspended');
select is(
  tests.answer(format('select public.transfer_ownership(%L, null)', current_setting('tests.acme'))),
  'PT404 member_not_found',
  'nor to nobody'
);
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('cleo'), '{audit.read}', '{agents.run}'
);
select is(
  (
    select (handed.user_id, handed.permissions, handed.custom_permissions)
    from public.transfer_ownership(
      current_setting('tests.acme')::uuid, tests.user_id('cleo')
    ) as handed
  ),
  (
    tests.user_id('cleo'), tests.carried_by(tests.system_role('owner')),
    '{"grant": [], "deny": []}'::jsonb
  ),
  'an owner hands over to a member, who holds everything without exceptions'
);
select is(tests.place_of('cleo'), 'owner active', 'there is a new owner');
select is(tests.place_of('ada'), 'admin active', 'and the former is admin');
select is(tests.call('bob'), 'PT403 permission_denied', 'who hands over nothing any more');

-- A personal organization is its user's, whoever else is in it.
select tests.act_as_nobody();
select tests.add_member(tests.organization_of('eve'), 'bob', 'member');
select tests.act_as('eve');
select is(
  tests.call('bob', tests.organization_of('eve')),
  'PT409 personal_organization',
  'a personal organization is not handed over'
);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'eve', 'owner');
select tests.act_as('eve');
select is(tests.call('bob'), 'ok', 'one owner of several hands over their part');
select is(tests.place_of('cleo'), 'owner active', 'and the others stay owners');

select * from finish();
rollback;
