-- Connections: seen by their owner, and by the organization when shared; what they hold by nobody.
begin;
select plan(45);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.connect(p_name text, p_account text, p_visibility text)
returns uuid
language sql
as $$
  select (public.save_oauth_connection(
    tests.user_id(p_name), tests.organization_of('ada'), service_providers.id,
    'ya29.access-of-' || p_account, '1//refresh-of-' || p_account,
    array['openid', 'email'], 3600, p_account, p_account || '@example.test',
    p_visibility => p_visibility
  ) ->> 'id')::uuid
  from public.service_providers where name = 'gmail'
$$;

create function tests.seen() returns text[] language sql as $$
  select coalesce(array_agg(connection_name order by connection_name), '{}')
  from public.user_integration_credentials
$$;

select policies_are(
  'public', 'user_integration_credentials', array['select_owner', 'delete_owner']
);

select tests.act_as_service();
select set_config('tests.own', tests.connect('cleo', 'own', 'personal')::text, true);
select set_config('tests.shared', tests.connect('cleo', 'shared', 'organization')::text, true);

select tests.act_as('cleo');
select is(tests.seen(), array['own@example.test', 'shared@example.test'], 'the owner sees both');
select tests.act_as('bob');
select is(tests.seen(), array['shared@example.test'], 'an admin sees what is shared');
select tests.act_as('ada');
select is(tests.seen(), array['shared@example.test'], 'so does even the owner of the organization');
select tests.act_as('gus');
select is(tests.seen(), '{}', 'who lacks integrations.read sees none');
select tests.act_as('sue');
select is(tests.seen(), '{}', 'nor does who is suspended');
select tests.act_as('eve');
select is(tests.seen(), '{}', 'nor a stranger');

-- Nothing leads to a token.
select tests.act_as('cleo');
select throws_ok(attempt, '42501', null, 'the owner cannot: ' || attempt)
from unnest(array[
  'select * from public.user_integration_credentials',
  'select vault_access_token_id from public.user_integration_credentials',
  'select vault_refresh_token_id from public.user_integration_credentials',
  'select id from public.user_integration_credentials where vault_access_token_id is not null',
  'select user_integration_credentials from public.user_integration_credentials',
  'select to_jsonb(c) from public.user_integration_credentials as c',
  'select id from public.user_integration_credentials order by vault_access_token_id',
  'delete from public.user_integration_credentials returning *',
  'select * from vault.secrets',
  'select * from vault.decrypted_secrets',
  'select * from private.token_refreshes',
  'select * from private.oauth_states',
  $$ update public.user_integration_credentials set visibility = 'organization' $$,
  $$ update public.user_integration_credentials set connection_status = 'active' $$,
  $$ insert into public.user_integration_credentials (organization_id, user_id, service_provider_id,
    credential_type, connection_name) select organization_id, user_id, service_provider_id, 'oauth', 'x'
    from public.user_integration_credentials $$,
  format('select public.connection_credential(%L)', current_setting('tests.own')),
  format('select private.connection_credential(%L)', current_setting('tests.own')),
  format('select public.revocation_credential(%L)', current_setting('tests.own')),
  format('select private.revocation_credential(%L)', current_setting('tests.own')),
  format('select public.claim_token_refresh(%L)', current_setting('tests.own')),
  format('select private.claim_token_refresh(%L, 1, false, 60)', current_setting('tests.own')),
  format('select public.complete_token_refresh(%L, 1, ''x'')', current_setting('tests.own')),
  format('select public.fail_token_refresh(%L, gen_random_uuid(), 1, ''x'')', current_setting('tests.own')),
  'select private.save_connection(null, ''x'', null)',
  'select private.describe_connection(null)',
  format(
    'select public.save_oauth_connection(%L, %L, gen_random_uuid(), ''x'')',
    tests.user_id('cleo'), tests.organization_of('ada')
  ),
  format('select public.consume_oauth_state(%L)', repeat('0', 64))
]) as attempts (attempt);

select tests.act_as_service();
select throws_ok(attempt, '42501', null, 'nor can the service: ' || attempt)
from unnest(array[
  'select vault_access_token_id from public.user_integration_credentials',
  'select * from private.oauth_states',
  $$ update public.user_integration_credentials set connection_status = 'active' $$
]) as attempts (attempt);

select tests.act_as_nobody();
select is_empty(
  $$
    select from public.audit_logs
    cross join public.user_integration_credentials as c
    where audit_logs::text ~ 'access-of|refresh-of|ya29'
      or strpos(audit_logs::text, c.vault_access_token_id) > 0
      or strpos(audit_logs::text, c.vault_refresh_token_id) > 0
  $$,
  'no audit row holds a token or leads to one'
);
select throws_ok(
  $$ update public.user_integration_credentials set encrypted_access_token = 'x' $$,
  '23514', null, 'the deprecated columns stay empty'
);

-- Ended connections are their owner's to remove; others go with the owner's place.
select tests.act_as('cleo');
select is_empty(
  $$ with gone as (delete from public.user_integration_credentials returning id) select from gone $$,
  'a connection in use is not deleted past its provider'
);
select tests.act_as_nobody();
select is(
  (select count(*) from vault.secrets where name like 'organizations/%/connections/%'),
  4::bigint,
  'two connections hold four tokens'
);
delete from public.organization_members
where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada');
select is_empty('select from public.user_integration_credentials', 'who leaves takes the connections along');
select is_empty(
  $$ select from vault.secrets where name like 'organizations/%/connections/%' $$,
  'and the tokens leave Vault'
);

-- The same with the user and with the organization.
select tests.act_as_service();
select public.save_oauth_connection(
  tests.user_id('bob'), tests.organization_of('ada'), id, 'ya29.b', '1//b', p_account_id => 'b'
) from public.service_providers where name = 'gmail';
select public.save_key_connection(
  tests.user_id('ada'), tests.organization_of('ada'), id, '{"api_key": "sk-ada"}'
) from public.service_providers where name = 'openai';
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('bob');
select is(
  (select count(*) from vault.secrets where name like 'organizations/%/connections/%'),
  1::bigint,
  'a user who is deleted leaves nothing in Vault'
);
delete from public.organizations where id = tests.organization_of('ada');
select is_empty(
  $$ select from vault.secrets where name like 'organizations/%/connections/%' $$,
  'nor does an organization'
);

select * from finish();
rollback;
