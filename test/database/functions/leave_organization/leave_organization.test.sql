-- leave_organization(): everyone's right, but for the last owner.
begin;
select plan(10);

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
create function tests.place_of(p_name text) returns text language sql stable security definer
as $$
  select concat_ws(' ', roles.name, organization_members.status)
  from public.organization_members
  join public.roles on roles.id = organization_members.role_id
  where organization_members.organization_id = current_setting('tests.acme')::uuid
    and organization_members.user_id = tests.user_id(p_name)
$$;
create function tests.call(p_organization_id uuid default null) returns text
language sql volatile
as $$
  select tests.answer(format(
    'select public.leave_organization(%L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid)
  ))
$$;

select tests.act_as('eve');
select is(tests.call(), 'PT404 organization_not_found', 'a stranger has nothing to leave');
select is(
  tests.call(gen_random_uuid()), 'PT404 organization_not_found', 'nor has one what is not there'
);
select is(
  tests.call(tests.organization_of('eve')),
  'PT409 personal_organization',
  'nobody leaves their personal organization'
);
select tests.act_as_anon();
select is(tests.call(), '42501', 'visitors leave nothing');
select tests.act_as('cleo');
select is(tests.call(), 'ok', 'a member leaves');
select is(tests.place_of('cleo'), null, 'and is gone');
select is(tests.call(), 'PT404 organization_not_found', 'once');
select tests.act_as('dan');
select is(tests.call(), 'ok', 'the suspended may leave, too');
select tests.act_as('ada');
select is(tests.call(), 'PT409 last_owner', 'the last owner may not');
select is(tests.place_of('ada'), 'owner active', 'and stays');

select * from finish();
rollback;
