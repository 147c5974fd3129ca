-- revoke_invitation(): taking back what has not been answered.
begin;
select plan(11);

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
create function tests.invite(p_email text, p_role text) returns text language sql volatile
as $$
  select public.invite_member(
    current_setting('tests.acme')::uuid, p_email, tests.system_role(p_role)
  ) ->> 'id'
$$;
create function tests.revoke(p_id text) returns text language sql volatile
as $$ select tests.answer(format('select public.revoke_invitation(%L)', p_id)) $$;

select tests.act_as('ada');
select set_config('tests.owner', tests.invite('one@example.test', 'owner'), true);
select set_config('tests.guest', tests.invite('two@example.test', 'guest'), true);

select tests.act_as('cleo');
select is(
  tests.revoke(current_setting('tests.guest')),
  'PT404 invitation_not_found',
  'a member without the permission revokes nothing'
);
select tests.act_as('dan');
select is(
  tests.revoke(current_setting('tests.guest')),
  'PT404 invitation_not_found',
  'nor does a suspended admin'
);
select tests.act_as('eve');
select is(
  tests.revoke(current_setting('tests.guest')),
  'PT404 invitation_not_found',
  'nor does a stranger'
);
select is(
  tests.revoke(gen_random_uuid()::text),
  'PT404 invitation_not_found',
  'who gets the same answer for one that is not there'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.revoke_invitation(%L)', current_setting('tests.guest')),
  '42501', null,
  'visitors revoke nothing'
);
select tests.act_as('bob');
select is(
  tests.revoke(current_setting('tests.owner')),
  'PT403 exceeds_own_permissions',
  'an admin does not take back what an owner alone can give'
);
select is(
  (public.revoke_invitation(current_setting('tests.guest')::uuid)).status,
  'revoked',
  'but what they could give themself'
);
select is(
  tests.revoke(current_setting('tests.guest')),
  'PT409 invitation_not_pending',
  'once'
);
select tests.act_as_nobody();
update public.organization_invitations
set status = 'declined', responded_at = now()
where id = current_setting('tests.owner')::uuid;
select tests.act_as('ada');
select is(
  tests.revoke(current_setting('tests.owner')),
  'PT409 invitation_not_pending',
  'an answer stands'
);
select lives_ok(
  $$ select tests.invite('two@example.test', 'guest') $$,
  'a revoked invitation makes room for another'
);
select isnt_empty(
  $$
    select from public.audit_logs
    where resource_id = current_setting('tests.guest') and new_values ->> 'status' = 'revoked'
  $$,
  'and the audit log tells of it'
);

select * from finish();
rollback;
