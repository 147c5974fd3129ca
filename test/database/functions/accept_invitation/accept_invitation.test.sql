-- accept_invitation(): only the invited, once, and only what the inviter can still give.
begin;
select plan(41);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('nora');
select tests.create_user('otto');
select tests.create_user('una');
update auth.users set email_confirmed_at = now()
where email in ('bob@example.test', 'nora@example.test', 'otto@example.test');
update auth.users set email_confirmed_at = null where email = 'una@example.test';
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');

create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
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
    return sqlstate || ' ' || v_detail;
end;
$$;
-- A new invitation by somebody; what was there for the address is gone. Kept as tests.id and
-- tests.token.
create function tests.invited_by(p_inviter text, p_name text, p_role text) returns text
language plpgsql volatile
as $$
declare
  v_made jsonb;
begin
  perform tests.act_as_nobody();
  delete from public.organization_invitations where email = p_name || '@example.test';
  perform tests.act_as(p_inviter);
  v_made := public.invite_member(
    current_setting('tests.acme')::uuid, p_name || '@example.test', tests.system_role(p_role)
  );
  perform set_config('tests.id', v_made ->> 'id', true);
  perform set_config('tests.token', v_made ->> 'token', true);
  return 'an invitation by ' || p_inviter;
end;
$$;
create function tests.by_token() returns text language sql volatile
as $$
  select tests.answer(
    format('select public.accept_invitation(p_token => %L)', current_setting('tests.token'))
  )
$$;
create function tests.by_id() returns text language sql volatile
as $$
  select tests.answer(
    format('select public.accept_invitation(p_invitation_id => %L)', current_setting('tests.id'))
  )
$$;
create function tests.member_of_acme(p_name text) returns text language sql stable security definer
as $$
  select concat_ws(' ', roles.name, organization_members.status)
  from public.organization_members
  join public.roles on roles.id = organization_members.role_id
  where organization_members.organization_id = current_setting('tests.acme')::uuid
    and organization_members.user_id = tests.user_id(p_name)
$$;

-- Strangers get one answer.
select pass(tests.invited_by('bob', 'nora', 'member'));
select tests.act_as('otto');
select is(tests.by_token(), 'PT404 invitation_not_found', 'a found link is worth nothing to others');
select is(tests.by_id(), 'PT404 invitation_not_found', 'nor is the id');
select is(
  tests.answer($$ select public.accept_invitation('nothing') $$),
  'PT404 invitation_not_found',
  'a made-up token gets the same answer'
);
select is(
  tests.answer(format(
    'select public.accept_invitation(p_invitation_id => %L)', gen_random_uuid()
  )),
  'PT404 invitation_not_found',
  'and so does a made-up id'
);
select is(tests.member_of_acme('otto'), null, 'nothing came of it');
select tests.act_as('bob');
select is(tests.by_token(), 'PT404 invitation_not_found', 'the inviter does not accept for the invited');
select tests.act_as_anon();
select throws_ok(
  format('select public.accept_invitation(%L)', current_setting('tests.token')),
  '42501', null,
  'visitors accept nothing'
);

-- Exactly one name.
select tests.act_as('nora');
select is(
  tests.answer('select public.accept_invitation()'),
  'PT400 invitation_unnamed',
  'an invitation has to be named'
);
select is(
  tests.answer(format(
    'select public.accept_invitation(%L, %L)',
    current_setting('tests.token'), current_setting('tests.id')
  )),
  'PT400 invitation_unnamed',
  'one way alone'
);

-- The normal path.
select is(
  (
    select (joined.user_id, joined.status, joined.invited_by_user_id, joined.joined_at)
    from public.accept_invitation(current_setting('tests.token')) as joined
  ),
  (tests.user_id('nora'), 'active'::text, tests.user_id('bob'), now()),
  'the invited accepts, and is a member from now on'
);
select is(tests.member_of_acme('nora'), 'member active', 'in the role that was offered');
select isnt_empty(
  $$ select from public.organizations where name = 'Acme' $$,
  'who sees the organization with the next statement'
);
select tests.act_as('ada');
select results_eq(
  'select status, accepted_by_user_id, responded_at from public.organization_invitations',
  $$ select 'accepted', tests.user_id('nora'), now() $$,
  'the inviters see that'
);
select tests.act_as('nora');
select is(tests.by_token(), 'PT410 invitation_answered', 'a token is used once');
select is(tests.by_id(), 'PT410 invitation_answered', 'an id, too');
select tests.act_as('otto');
select is(tests.by_token(), 'PT404 invitation_not_found', 'strangers are not told that it was used');

-- No way back in.
select tests.act_as('bob');
select public.remove_member(current_setting('tests.acme')::uuid, tests.user_id('nora'));
select tests.act_as('nora');
select is(tests.by_token(), 'PT410 invitation_answered', 'who was removed does not come back by it');
select pass(tests.invited_by('bob', 'nora', 'member'));
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'nora', 'guest', 'suspended');
select tests.act_as('nora');
select is(tests.by_token(), 'PT403 member_suspended', 'the suspended do not accept their way back in');
select is_empty('select from public.my_invitations()', 'nor are they told of the invitation');
select tests.act_as_nobody();
update public.organization_members set status = 'active' where user_id = tests.user_id('nora');
select tests.act_as('nora');
select is(tests.by_token(), 'PT409 already_member', 'nor does a member get another role by it');
select is(tests.member_of_acme('nora'), 'guest active', 'the role stays');
select tests.act_as_nobody();
delete from public.organization_members
where user_id = tests.user_id('nora') and organization_id = current_setting('tests.acme')::uuid;
select tests.add_member(current_setting('tests.acme')::uuid, 'nora', 'guest', 'invited');
select tests.act_as('nora');
select is(tests.by_token(), 'ok', 'a membership that waits for its person becomes active');
select is(tests.member_of_acme('nora'), 'member active', 'in the role that was offered last');

-- An address that is claimed, not confirmed.
select pass(tests.invited_by('bob', 'una', 'member'));
select tests.act_as('una');
select is(tests.by_token(), 'PT403 email_not_verified', 'an address has to be confirmed first');
select is(
  tests.answer($$ select public.accept_invitation('nothing') $$),
  'PT403 email_not_verified',
  'which is said before anything is looked up'
);
select is_empty('select from public.my_invitations()', 'and nothing is listed');
select tests.act_with('authenticated', jsonb_build_object(
  'sub', tests.user_id('una'), 'role', 'authenticated', 'email', 'otto@example.test',
  'user_metadata', '{"email_verified": true}'::jsonb
));
select is(tests.by_token(), 'PT403 email_not_verified', 'what the token claims of it does not count');

-- Time and revocation.
select pass(tests.invited_by('bob', 'otto', 'guest'));
select tests.act_as_nobody();
update public.organization_invitations set expires_at = now()
where id = current_setting('tests.id')::uuid;
select tests.act_as('otto');
select is(tests.by_token(), 'PT410 invitation_expired', 'it expires by the clock, whoever ticks');
select tests.act_as('nora');
select is(tests.by_token(), 'PT404 invitation_not_found', 'which strangers are not told');
select pass(tests.invited_by('bob', 'otto', 'guest'));
select public.revoke_invitation(current_setting('tests.id')::uuid);
select tests.act_as('otto');
select is(tests.by_token(), 'PT410 invitation_revoked', 'it can be taken back');

-- The inviter's word.
select pass(tests.invited_by('bob', 'otto', 'admin'));
select tests.act_as('ada');
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), tests.system_role('manager')
);
select tests.act_as('otto');
select is(tests.by_token(), 'PT409 invitation_void', 'an inviter gives nothing they no longer hold');
select tests.act_as('ada');
select public.set_member_role(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), tests.system_role('admin')
);
select public.suspend_member(current_setting('tests.acme')::uuid, tests.user_id('bob'));
select tests.act_as('otto');
select is(tests.by_token(), 'PT409 invitation_void', 'nor while they are suspended');
select tests.act_as_nobody();
delete from auth.users where email = 'bob@example.test';
select tests.act_as('otto');
select is(tests.by_token(), 'PT409 invitation_void', 'nor after they are gone');
select tests.act_as_nobody();
update public.organization_invitations set sent_at = now() - interval '1 hour';
select tests.act_as('ada');
select set_config(
  'tests.token', public.resend_invitation(current_setting('tests.id')::uuid) ->> 'token', true
);
select tests.act_as('otto');
select is(tests.by_token(), 'ok', 'until someone else gives their word for it');
select is(tests.member_of_acme('otto'), 'admin active', 'for the same role');

select * from finish();
rollback;
