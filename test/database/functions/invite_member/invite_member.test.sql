-- invite_member(): who may ask whom into which role.
begin;
select plan(39);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.act_as('eve');
select set_config('tests.evil', (public.create_organization('Evil')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');

create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
create function tests.invite(p_email text, p_role text, p_days integer default 7) returns jsonb
language sql volatile
as $$
  select public.invite_member(
    current_setting('tests.acme')::uuid, p_email, tests.system_role(p_role), p_days
  )
$$;
-- What a call said: the sqlstate and the key, or "ok".
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

-- The normal path.
select tests.act_as('bob');
select set_config('tests.made', tests.invite('  Nora@Example.TEST ', 'member')::text, true);
select is(
  current_setting('tests.made')::jsonb
    - array['id', 'role_id', 'expires_at', 'sent_at', 'created_at', 'token'],
  jsonb_build_object(
    'organization_id', current_setting('tests.acme'),
    'organization_name', 'Acme',
    'email', 'nora@example.test',
    'role_name', 'Member',
    'status', 'pending',
    'invited_by_user_id', tests.user_id('bob'),
    'invited_by_name', 'Bob'
  ),
  'an invitation says who asks whom where'
);
select matches(
  current_setting('tests.made')::jsonb ->> 'token',
  '^[A-Za-z0-9_-]{43}$',
  'its token is 256 bits that fit into a link'
);
select is(
  (select expires_at - sent_at from public.organization_invitations),
  interval '7 days',
  'it holds for a week unless told otherwise'
);
select throws_ok(
  'select * from private.invitation_tokens', '42501', null, 'nobody reads hashes of tokens'
);
select tests.act_as_nobody();
select results_eq(
  'select token_hash from private.invitation_tokens',
  $$ select sha256(convert_to(current_setting('tests.made')::jsonb ->> 'token', 'UTF8')) $$,
  'the token is kept as its hash'
);
select is_empty(
  $$
    select from public.audit_logs
    where strpos(audit_logs::text, current_setting('tests.made')::jsonb ->> 'token') > 0
  $$,
  'the token is in no audit row'
);
select isnt_empty(
  $$
    select from public.audit_logs
    where resource_type = 'organization_invitations'
      and actor_id = tests.user_id('bob')
      and organization_id = current_setting('tests.acme')::uuid
  $$,
  'but that somebody was invited is'
);

select tests.act_as('bob');
select is(
  tests.answer($$ select tests.invite('nora@example.test', 'member') $$),
  'PT409 already_invited',
  'one invitation at a time waits for an address'
);
select is(
  tests.answer($$ select tests.invite('NORA@example.test', 'guest') $$),
  'PT409 already_invited',
  'however it is written'
);
select is(
  tests.answer($$ select tests.invite('eve@example.test', 'guest') $$),
  'ok',
  'somebody with an account is invited'
);
select is(
  tests.answer($$ select tests.invite('nobody@example.test', 'guest') $$),
  'ok',
  'as somebody without one is: nothing tells who has an account'
);
select is(
  tests.answer($$ select tests.invite('cleo@example.test', 'guest') $$),
  'PT409 already_member',
  'a member is not invited'
);
select is(
  tests.answer($$ select tests.invite('DAN@example.test', 'guest') $$),
  'PT409 already_member',
  'nor is one who is suspended'
);

-- The ceiling.
select is(
  tests.answer($$ select tests.invite('one@example.test', 'manager') $$),
  'ok',
  'one gives the role one has'
);
select is(
  tests.answer($$ select tests.invite('two@example.test', 'admin') $$),
  'PT403 exceeds_own_permissions',
  'and none beyond it'
);
select is(
  tests.answer($$ select tests.invite('two@example.test', 'owner') $$),
  'PT403 exceeds_own_permissions',
  'least of all the owner''s'
);
select tests.act_as('ada');
select public.set_member_permissions(
  current_setting('tests.acme')::uuid, tests.user_id('bob'), '{}', '{agents.run}'
);
select tests.act_as('bob');
select is(
  tests.answer($$ select tests.invite('two@example.test', 'member') $$),
  'PT403 exceeds_own_permissions',
  'what one is denied counts as not held'
);
select tests.act_as('ada');
select is(
  tests.answer($$ select tests.invite('three@example.test', 'owner') $$),
  'ok',
  'an owner invites an owner'
);

-- Others.
select tests.act_as('cleo');
select is(
  tests.answer($$ select tests.invite('two@example.test', 'guest') $$),
  'PT403 permission_denied',
  'a member without the permission invites nobody'
);
select is_empty(
  'select from public.organization_invitations', 'nor sees who is invited'
);
select tests.act_as('dan');
select is(
  tests.answer($$ select tests.invite('two@example.test', 'guest') $$),
  'PT403 permission_denied',
  'nor does a suspended admin'
);
select is_empty(
  'select from public.organization_invitations', 'nor do they see who is invited'
);
select tests.act_as('eve');
select is(
  tests.answer($$ select tests.invite('two@example.test', 'guest') $$),
  'PT403 permission_denied',
  'nor does an owner of another organization'
);
select is(
  tests.answer(format(
    'select public.invite_member(%L, %L, %L)',
    gen_random_uuid(), 'two@example.test', tests.system_role('guest')
  )),
  'PT403 permission_denied',
  'who gets the same answer for one that is not there'
);
select is(
  tests.answer(format(
    'select public.invite_member(%L, %L, %L)',
    tests.organization_of('eve'), 'two@example.test', tests.system_role('guest')
  )),
  'PT409 personal_organization',
  'a personal organization is not shared'
);
select tests.act_as_anon();
select throws_ok(
  format(
    'select public.invite_member(%L, %L, %L)',
    current_setting('tests.acme'), 'two@example.test', gen_random_uuid()
  ),
  '42501', null,
  'visitors invite nobody'
);

-- Forged parameters.
select tests.act_as('eve');
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.evil')::uuid, 'spy', 'Spy');
select set_config('tests.spy', (select id::text from public.roles where name = 'spy'), true);
select tests.act_as('ada');
select is(
  tests.answer(format(
    'select public.invite_member(%L, %L, %L)',
    current_setting('tests.acme'), 'two@example.test', current_setting('tests.spy')
  )),
  'PT404 role_not_found',
  'a role of another organization is refused'
);
select is(
  tests.answer(format(
    'select public.invite_member(%L, %L, null)', current_setting('tests.acme'), 'two@example.test'
  )),
  'PT404 role_not_found',
  'so is none'
);
select is(
  tests.answer(format('select tests.invite(%L, %L)', forged.email, 'guest')),
  'PT400 email_invalid',
  'no address: ' || coalesce(to_json(forged.email)::text, 'null')
)
from (values
  (null),
  ('nobody'),
  ('a@example.test, b@example.test'),
  (e'a@example.test\r\nBcc: b@example.test'),
  ('Ada <ada@example.test>')
) as forged (email);
select is(
  tests.answer(format('select tests.invite(%L, %L, %L)', 'two@example.test', 'guest', forged.days)),
  'PT400 invitation_expiry_invalid',
  'not for ' || coalesce(forged.days::text, 'null') || ' days'
)
from (values (0), (91), (null::integer)) as forged (days);
select throws_ok(
  format(
    'insert into public.organization_invitations (organization_id, email, role_id)
      values (%L, %L, %L)',
    current_setting('tests.acme'), 'two@example.test', tests.system_role('guest')
  ),
  '42501', null,
  'nobody writes an invitation past the function'
);
select throws_ok(
  $$ update public.organization_invitations set status = 'accepted' $$,
  '42501', null,
  'or answers one that way'
);

-- A pace that no spammer likes.
select tests.act_as_nobody();
insert into public.organization_invitations (organization_id, email, role_id, invited_by_user_id)
select
  current_setting('tests.evil')::uuid, n || '@example.test', tests.system_role('guest'),
  tests.user_id('eve')
from generate_series(1, 100) as n;
select tests.act_as('eve');
select is(
  tests.answer(format(
    'select public.invite_member(%L, %L, %L)',
    current_setting('tests.evil'), 'more@example.test', tests.system_role('guest')
  )),
  'PT429 too_many_invitations',
  'nobody sends more than a hundred within an hour'
);

select * from finish();
rollback;
