-- reactivate_member(): gives back what the role carries by now, not what it once did.
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
select tests.create_user('ivy');
select tests.add_member(current_setting('tests.acme')::uuid, 'ivy', 'guest', 'invited');

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
    'select public.reactivate_member(%L, %L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid), tests.user_id(p_name)
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

select is(tests.call('dan'), 'ok', 'an admin makes a suspended admin active');
select is(tests.place_of('dan'), 'admin active', 'in their former role');
select tests.act_as('dan');
select isnt_empty(
  $$ select from public.organizations where name = 'Acme' $$, 'who is back with the next statement'
);
select tests.act_as('bob');
select is(tests.call('dan'), 'ok', 'again does nothing');
select is(
  tests.call('ivy'), 'PT409 member_status_transition', 'nobody accepts an invitation for another'
);
select tests.act_as('ada');
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('dan'), tests.system_role('owner')
);
select public.suspend_member(current_setting('tests.acme')::uuid, tests.user_id('dan'));
select tests.act_as('bob');
select is(
  tests.call('dan'), 'PT403 exceeds_own_permissions', 'nobody brings back who holds more than they do'
);

select * from finish();
rollback;
