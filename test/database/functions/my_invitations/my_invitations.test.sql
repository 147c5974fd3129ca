-- my_invitations(): what waits for the caller's answer.
begin;
select plan(6);

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
select set_config('tests.nora', tests.user_id('nora')::text, true);
update auth.users set email = 'Nora@example.test', email_confirmed_at = now()
where email = 'nora@example.test';
update auth.users set email_confirmed_at = now() where email = 'eve@example.test';

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

select tests.act_as('bob');
select set_config('tests.id', public.invite_member(
  current_setting('tests.acme')::uuid, 'nora@example.test', tests.system_role('guest')
) ->> 'id', true);

select tests.act_with('authenticated', jsonb_build_object(
  'sub', current_setting('tests.nora'), 'role', 'authenticated'
));
select results_eq(
  $$
    select id, organization_id, organization_name, role_name, invited_by_name, email, expires_at
    from public.my_invitations()
  $$,
  $$
    select
      current_setting('tests.id')::uuid, current_setting('tests.acme')::uuid, 'Acme', 'Guest',
      'Bob', 'nora@example.test', now() + interval '7 days'
  $$,
  'the invited see who asks them where'
);
select is_empty('select from public.organization_invitations', 'and nothing of the table');
select tests.act_as('eve');
select is_empty('select from public.my_invitations()', 'others see nothing');
select tests.act_as('bob');
select is_empty('select from public.my_invitations()', 'the inviter, neither');
select tests.act_as_nobody();
update public.organization_invitations set expires_at = now();
select tests.act_with('authenticated', jsonb_build_object(
  'sub', current_setting('tests.nora'), 'role', 'authenticated'
));
select is_empty('select from public.my_invitations()', 'what expired is not listed');
select tests.act_as_anon();
select throws_ok('select public.my_invitations()', '42501', null, 'visitors ask in vain');

select * from finish();
rollback;
