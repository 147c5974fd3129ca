begin;
select plan(19);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');

create function tests.set_member(p_status text) returns void language sql security definer as $$
  update public.organization_members set status = p_status
  where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada')
$$;
create function tests.switch_provider(p_on boolean) returns void language sql security definer as $$
  update public.service_providers set is_active = p_on where name = 'slack'
$$;
create function tests.ask() returns jsonb language sql as $$
  select public.connection_credential(current_setting('tests.id')::uuid)
$$;

select tests.act_as_service();
select set_config('tests.id', (
  public.save_oauth_connection(
    tests.user_id('cleo'), tests.organization_of('ada'), id, 'xoxb-one', null, array['chat:write'],
    p_account_id => 'T1', p_account_name => 'Desk', p_visibility => 'organization'
  ) ->> 'id'
), true)
from public.service_providers where name = 'slack';

select is(tests.ask() ->> 'access_token', 'xoxb-one', 'a function gets the token');
select is(
  (select jsonb_object_agg(key, value) from jsonb_each(tests.ask()) where key in (
    'provider', 'provider_type', 'credential_type', 'status', 'token_version', 'token_expires_at', 'scopes',
    'user_id', 'organization_id', 'visibility', 'is_refreshable', 'connection_id', 'token_endpoint'
  )),
  jsonb_build_object(
    'provider', 'slack', 'provider_type', 'oauth', 'credential_type', 'oauth', 'status', 'active',
    'token_version', 1, 'token_expires_at', null, 'scopes', '["chat:write"]'::jsonb,
    'user_id', tests.user_id('cleo'), 'organization_id', tests.organization_of('ada'),
    'visibility', 'organization', 'is_refreshable', false, 'connection_id', current_setting('tests.id'),
    'token_endpoint', 'https://slack.com/api/oauth.v2.access'
  ),
  'with what there is to know about it'
);
select is(
  tests.ask() -> 'configuration_metadata' ->> 'api_base_url', 'https://slack.com/api', 'and about the service'
);
select ok(
  not tests.ask() ?| array['vault_access_token_id', 'vault_refresh_token_id', 'credential'],
  'nothing more than that'
);
select is((tests.ask() ->> 'last_used_at')::timestamptz, now(), 'that it was used is written down');

select tests.set_member('suspended');
select throws_ok('select tests.ask()', 'PT409', null, 'a suspended owner''s connection works for nobody');
select tests.set_member('active');
select lives_ok('select tests.ask()', 'until they are back');
select tests.switch_provider(false);
select throws_ok('select tests.ask()', 'PT409', null, 'nor does one at a service that is switched off');
select tests.switch_provider(true);
select throws_ok(
  'select public.connection_credential(gen_random_uuid())', 'PT404', null, 'one that is none is not found'
);
select throws_ok(
  'select public.connection_credential(null)', 'PT404', null, 'nor is null'
);

-- A token that its provider takes no longer, and nothing to get another with.
select is(
  public.claim_token_refresh(current_setting('tests.id')::uuid, 1, true) - array['connection_id', 'token_expires_at'],
  '{"outcome": "inactive", "status": "expired", "token_version": 1}',
  'without a refresh token a rejected one is the end'
);
select is(tests.ask() ->> 'status', 'expired', 'which the credential says');
select tests.act_as('ada');
select results_eq(
  'select connection_status, last_error from public.user_integration_credentials',
  $$ values ('expired', 'token_rejected') $$,
  'and people see'
);
select tests.act_as_nobody();
select results_eq(
  $$ select severity, new_values ->> 'error' from public.audit_logs where action = 'connection.expired' $$,
  $$ values ('warning', 'token_rejected') $$,
  'and one event says'
);

-- People, shared or not.
select tests.act_as('ada');
select throws_ok('select tests.ask()', '42501', null, 'who may use a shared connection cannot read what it holds');
select tests.act_as('cleo');
select throws_ok('select tests.ask()', '42501', null, 'nor can its owner');
select tests.act_as_anon();
select throws_ok('select tests.ask()', '42501', null, 'nor a visitor');

select tests.act_as_service();
select lives_ok(
  format('select public.disconnect_service(%L)', current_setting('tests.id')), 'the service ends it'
);
select throws_ok('select tests.ask()', 'PT409', null, 'then there is nothing to get');

select * from finish();
rollback;
