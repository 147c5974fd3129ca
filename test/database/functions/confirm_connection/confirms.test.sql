begin;
select plan(26);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'eve', 'member');

create function tests.save(p_account text, p_code text) returns jsonb language sql as $$
  select public.save_oauth_connection(
    tests.user_id('cleo'), tests.organization_of('ada'), id, 'ya29.' || p_code, '1//' || p_code,
    p_account_id => p_account, p_confirmation_hash => encode(sha256(convert_to(p_code, 'UTF8')), 'hex')
  )
  from public.service_providers where name = 'gmail'
$$;
create function tests.held(p_id text) returns bigint language sql security definer as $$
  select count(*) from vault.secrets where name like format('organizations/%%/connections/%s/%%', p_id)
$$;
create function tests.confirm(p_code text) returns text language sql as $$
  select format('select public.confirm_connection(%L, %L)', current_setting('tests.id'), p_code)
$$;
grant execute on all functions in schema tests to public;

select tests.act_as_nobody();
insert into public.agents (id, organization_id, user_id, name, visibility)
values ('aaaaaaaa-0000-4000-8000-000000000001', tests.organization_of('ada'), tests.user_id('cleo'), 'Helper', 'private');

select tests.act_as_service();
select set_config('tests.answer', tests.save('first', 'code-one')::text, true);
select set_config('tests.id', current_setting('tests.answer')::jsonb ->> 'id', true);
select is(
  current_setting('tests.answer')::jsonb ->> 'connection_status', 'unconfirmed', 'what a consent brings is unconfirmed'
);
select throws_like(
  format('select public.connection_credential(%L)', current_setting('tests.id')),
  'The connection is not confirmed', 'and nobody gets its tokens'
);
select is(
  public.claim_token_refresh(current_setting('tests.id')::uuid, 1) ->> 'outcome', 'inactive', 'nor are they refreshed'
);
select throws_ok(tests.confirm('code-one'), '42501', null, 'the service does not confirm for people');

select tests.act_as('cleo');
select throws_ok(
  format(
    'select public.grant_agent_integration_permission(%L, %L, ''{}'', ''full'')',
    'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.id')
  ),
  'PT409', 'The connection is unconfirmed', 'it is not lent to agents'
);

-- A grant that is there all the same opens nothing.
select tests.act_as_nobody();
insert into public.agent_integration_permissions (organization_id, agent_id, connection_id, allowed_scopes, permission_level)
values (
  tests.organization_of('ada'), 'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.id')::uuid, '[]', 'full'
);
select tests.act_as_service();
select is(
  public.authorize_tool_call(
    'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.id')::uuid, 'gmail_send_email', tests.user_id('cleo')
  ) ->> 'reason',
  'connection_unconfirmed', 'an agent may not use it'
);
select throws_ok(
  format(
    'select public.begin_tool_call(%L, ''gmail_send_email'', ''{}'', %L, ''gmail_send_email'', p_user_id => %L)',
    'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.id'), tests.user_id('cleo')
  ),
  'PT403', 'The connection to Gmail is not confirmed by its owner.', 'nor begin to'
);
select is_empty(
  $$ select public.list_agent_capabilities('aaaaaaaa-0000-4000-8000-000000000001', tests.user_id('cleo')) $$,
  'and is not told that it could'
);

select tests.act_as('eve');
select throws_ok(
  tests.confirm('code-one'), 'PT404', 'No connection of yours waits for that code', 'nobody else confirms it with the code'
);
select tests.act_as('cleo');
select throws_ok(tests.confirm(code), 'PT404', 'No connection of yours waits for that code', 'nor its owner without it')
from unnest(array['code-two', '', null]) as codes (code);

select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada');
select tests.act_as('cleo');
select throws_ok(tests.confirm('code-one'), 'PT404', null, 'nor while suspended');
select tests.act_as_nobody();
update public.organization_members set status = 'active'
where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada');
update private.connection_confirmations set expires_at = now();
select tests.act_as('cleo');
select throws_ok(tests.confirm('code-one'), 'PT404', 'No connection of yours waits for that code', 'nor late');

-- Another consent gives another code; the one before it is void.
select tests.act_as_service();
select is(
  tests.save('first', 'code-two') - array['token_version', 'updated_at', 'token_expires_at'],
  current_setting('tests.answer')::jsonb - array['token_version', 'updated_at', 'token_expires_at'],
  'a second consent does not confirm the first'
);
select tests.act_as('cleo');
select throws_ok(tests.confirm('code-one'), 'PT404', null, 'the code of the first is void');
select is(
  public.confirm_connection(current_setting('tests.id')::uuid, 'code-two') ->> 'connection_status',
  'active', 'its owner confirms it with the code'
);
select throws_ok(tests.confirm('code-two'), 'PT404', null, 'once');
select tests.act_as_service();
select is(
  public.connection_credential(current_setting('tests.id')::uuid) ->> 'access_token', 'ya29.code-two', 'then it works'
);
select is(
  tests.save('first', 'code-three') ->> 'connection_status', 'active', 'more of the same account needs no confirmation'
);
select tests.act_as('cleo');
select public.disconnect_service(current_setting('tests.id')::uuid);
select tests.act_as_service();
select is(
  tests.save('first', 'code-four') ->> 'connection_status', 'unconfirmed', 'an account that was let go does'
);

-- What nobody confirms goes.
select tests.act_as_nobody();
select is(private.expire_connection_confirmations(), 0, 'it waits for ten minutes');
update private.connection_confirmations set expires_at = now();
select is(private.expire_connection_confirmations(), 1, 'and no longer');
select is(tests.held(current_setting('tests.id')), 0::bigint, 'its tokens have left Vault');
select is_empty(
  format('select from public.user_integration_credentials where id = %L', current_setting('tests.id')), 'with it'
);
select tests.act_as_anon();
select throws_ok(tests.confirm('code-four'), '42501', null, 'visitors confirm nothing');

select * from finish();
rollback;
