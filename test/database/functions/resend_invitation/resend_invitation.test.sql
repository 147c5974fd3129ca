-- resend_invitation(): a new link for the same invitation, in the name of whoever sends it.
begin;
select plan(18);

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
update auth.users set email_confirmed_at = now() where email = 'nora@example.test';

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
create function tests.resend() returns text language sql volatile
as $$
  select tests.answer(format('select public.resend_invitation(%L)', current_setting('tests.id')))
$$;

select tests.act_as('bob');
select set_config('tests.made', public.invite_member(
  current_setting('tests.acme')::uuid, 'nora@example.test', tests.system_role('admin'), 30
)::text, true);
select set_config('tests.id', current_setting('tests.made')::jsonb ->> 'id', true);
select is(tests.resend(), 'PT429 resend_too_soon', 'nobody is written to twice within a minute');
select tests.act_as_nobody();
update public.organization_invitations
set sent_at = sent_at - interval '2 minutes', expires_at = expires_at - interval '2 minutes';

select tests.act_as('cleo');
select is(
  tests.resend(), 'PT404 invitation_not_found', 'a member without the permission sends nothing'
);
select tests.act_as('dan');
select is(tests.resend(), 'PT404 invitation_not_found', 'nor does a suspended admin');
select tests.act_as('eve');
select is(tests.resend(), 'PT404 invitation_not_found', 'nor does a stranger');
select is(
  tests.answer(format('select public.resend_invitation(%L)', gen_random_uuid())),
  'PT404 invitation_not_found',
  'who gets the same answer for one that is not there'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.resend_invitation(%L)', current_setting('tests.id')),
  '42501', null,
  'visitors send nothing'
);

select tests.act_as('ada');
select set_config(
  'tests.again', public.resend_invitation(current_setting('tests.id')::uuid)::text, true
);
select is(
  current_setting('tests.again')::jsonb ->> 'id', current_setting('tests.id'), 'it is the same one'
);
select is(
  current_setting('tests.again')::jsonb ->> 'invited_by_user_id',
  tests.user_id('ada')::text,
  'now in the name of the sender'
);
select is(
  (select expires_at from public.organization_invitations),
  now() + interval '30 days',
  'for as long as it was meant to hold'
);
select tests.act_as('nora');
select is(
  tests.answer(format(
    'select public.accept_invitation(%L)', current_setting('tests.made')::jsonb ->> 'token'
  )),
  'PT404 invitation_not_found',
  'the former link is void'
);
select results_eq(
  'select id from public.my_invitations()',
  $$ select current_setting('tests.id')::uuid $$,
  'the invited need not the link'
);

-- The ceiling holds for the sender.
select tests.act_as('ada');
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), tests.system_role('manager')
);
select tests.act_as_nobody();
update public.organization_invitations set sent_at = now() - interval '2 minutes';
select tests.act_as('bob');
select is(
  tests.resend(), 'PT403 exceeds_own_permissions', 'nobody sends what they could not offer'
);

-- What expired opens again; what was answered does not.
select tests.act_as_nobody();
update public.organization_invitations set status = 'expired', expires_at = now();
select tests.act_as('ada');
select is(tests.resend(), 'ok', 'an expired invitation opens again');
select is((select status from public.organization_invitations), 'pending', 'and waits');
select tests.act_as_nobody();
update public.organization_invitations
set status = 'expired', sent_at = now() - interval '2 minutes';
select tests.act_as('ada');
select public.invite_member(
  current_setting('tests.acme')::uuid, 'nora@example.test', tests.system_role('guest')
);
select is(tests.resend(), 'PT409 already_invited', 'not when a newer one waits');
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'nora', 'guest');
select tests.act_as('ada');
select is(tests.resend(), 'PT409 already_member', 'nor when the person is there by now');
select tests.act_as_nobody();
update public.organization_invitations
set status = 'declined', responded_at = now()
where id = current_setting('tests.id')::uuid;
select tests.act_as('ada');
select is(tests.resend(), 'PT409 invitation_not_pending', 'a no stands');
select is(
  tests.answer('select public.resend_invitation(null)'),
  'PT404 invitation_not_found',
  'none is none'
);

select * from finish();
rollback;
