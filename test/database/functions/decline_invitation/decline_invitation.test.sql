-- decline_invitation(): only the invited, once.
begin;
select plan(9);

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
select tests.create_user('nora');
update auth.users set email_confirmed_at = now()
where email in ('nora@example.test', 'eve@example.test');

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
create function tests.decline() returns text language sql volatile
as $$
  select tests.answer(
    format('select public.decline_invitation(%L)', current_setting('tests.made')::jsonb ->> 'token')
  )
$$;

select tests.act_as('ada');
select set_config('tests.made', public.invite_member(
  current_setting('tests.acme')::uuid, 'nora@example.test', tests.system_role('guest')
)::text, true);
select is(tests.decline(), 'PT403 email_not_verified', 'an address has to be confirmed first');
select tests.act_as('eve');
select is(tests.decline(), 'PT404 invitation_not_found', 'nobody declines for another');
select is(
  tests.answer('select public.decline_invitation()'),
  'PT400 invitation_unnamed',
  'an invitation has to be named'
);
select tests.act_as_anon();
select throws_ok(
  'select public.decline_invitation()', '42501', null, 'visitors decline nothing'
);
select tests.act_as('nora');
select lives_ok(
  format(
    'select public.decline_invitation(p_invitation_id => %L)',
    current_setting('tests.made')::jsonb ->> 'id'
  ),
  'the invited may say no'
);
select is(tests.decline(), 'PT410 invitation_answered', 'once');
select is(
  tests.answer(format(
    'select public.accept_invitation(%L)', current_setting('tests.made')::jsonb ->> 'token'
  )),
  'PT410 invitation_answered',
  'a no stands'
);
select is_empty(
  format(
    'select from public.organization_members where organization_id = %L',
    current_setting('tests.acme')
  ),
  'and makes nobody a member'
);
select tests.act_as('ada');
select results_eq(
  'select status, responded_at from public.organization_invitations',
  $$ select 'declined', now() $$,
  'the inviters see it'
);

select * from finish();
rollback;
