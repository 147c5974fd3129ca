-- create_role(): a role with its permissions, no more than its author holds.
begin;
select plan(23);

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
create function tests.call(
  p_permissions text[],
  p_name text default 'clerk',
  p_display_name text default 'Clerk',
  p_organization_id uuid default null
)
returns text language sql volatile
as $$
  select tests.answer(format(
    'select public.create_role(%L, %L, %L, %L)',
    coalesce(p_organization_id, current_setting('tests.acme')::uuid), p_name, p_display_name,
    p_permissions
  ))
$$;

select tests.act_as('cleo');
select is(tests.call('{}'), 'PT403 permission_denied', 'a member without the permission defines none');
select tests.act_as('dan');
select is(tests.call('{}'), 'PT403 permission_denied', 'nor does a suspended admin');
select tests.act_as('eve');
select is(tests.call('{}'), 'PT403 permission_denied', 'nor does a stranger');
select is(
  tests.call('{}', 'clerk', 'Clerk', gen_random_uuid()),
  'PT403 permission_denied',
  'who gets the same answer for an organization that is not there'
);
select is(
  tests.answer('select public.create_role(null, ''root'', ''Root'', ''{agents.read}'')'),
  'PT403 permission_denied',
  'nobody defines a role of the system'
);
select tests.act_as_anon();
select is(tests.call('{}'), '42501', 'visitors define none');
select tests.act_as('bob');
select is(
  tests.call('{agents.read,organizations.delete}'),
  'PT403 exceeds_own_permissions',
  'nobody puts in what they do not hold'
);
select is(tests.call('{agents.fly}'), 'PT400 permission_unknown', 'nor what there is not');
select is(tests.call(array[null]::text[]), 'PT400 permission_unknown', 'nor nothing');
select is(tests.own_role('clerk'), null, 'of a role that was refused nothing is left');
select results_eq(
  format(
    'select organization_id, name, display_name, description from public.create_role(%L, %L, %L, %L, %L)',
    current_setting('tests.acme'), 'clerk', ' Clerk ', '{agents.run,agents.read,agents.read}',
    'Keeps the books.'
  ),
  $$ select current_setting('tests.acme')::uuid, 'clerk', 'Clerk', 'Keeps the books.' $$,
  'an admin defines a role'
);
select bag_eq(
  $$ select permission_key from public.role_permissions where role_id = tests.own_role('clerk') $$,
  array['agents.read', 'agents.run'],
  'with its permissions, each once'
);
select is(tests.call('{}'), 'PT409 role_name_taken', 'a name is used once in an organization');
select is(tests.call('{}', 'owner'), 'PT400 role_name_reserved', 'those of the system are taken');
select is(tests.call('{}', 'Head Clerk'), 'PT400 role_name_invalid', 'a name is for machines');
select is(tests.call('{}', null), 'PT400 role_name_invalid', 'and needed');
select is(tests.call('{}', 'other', ' '), 'PT400 role_display_name_invalid', 'so is one for people');
select is(tests.call('{}', 'other', null), 'PT400 role_display_name_invalid', 'in any case');
select is(
  tests.answer(format(
    'select public.create_role(%L, %L, %L, %L, %L)',
    current_setting('tests.acme'), 'other', 'Other', '{}', repeat('x', 1001)
  )),
  'PT400 role_description_invalid',
  'a description has an end'
);
select is(tests.call(null, 'empty'), 'ok', 'a role may carry nothing');
select tests.act_as('cleo');
select set_has(
  'select name from public.roles', $$ values ('clerk'), ('empty') $$, 'members see it'
);
select tests.act_as('eve');
select set_hasnt('select name from public.roles', $$ values ('clerk') $$, 'strangers do not');
select is(
  tests.call('{agents.read}', 'clerk', 'Clerk', tests.organization_of('eve')),
  'ok',
  'names of other organizations are free'
);

select * from finish();
rollback;
