-- The catalogue of services: read by everyone who is signed in, corrected by the operator alone, and
-- whole: what the functions need to know of each provider is there.
begin;
select plan(22);

select tests.create_user('ada');

select policies_are('public', 'service_providers', array['select_everyone']);
select policies_are('public', 'integration_capabilities', array['select_everyone']);

select tests.act_as('ada');
select set_eq(
  'select name from public.service_providers where is_active',
  array[
    'gmail', 'google-drive', 'google-calendar', 'microsoft-outlook', 'microsoft-onedrive', 'slack',
    'github', 'notion', 'linear', 'discord', 'openai', 'anthropic', 'sendgrid', 'mailgun', 'pinecone',
    'zep', 'digitalocean', 'smtp'
  ],
  'people see eighteen services'
);
select throws_ok(attempt, '42501', null, 'and cannot: ' || attempt)
from unnest(array[
  $$ insert into public.service_providers (name, display_name, provider_type) values ('x', 'X', 'smtp') $$,
  $$ update public.service_providers set token_endpoint = 'https://evil.test/token' $$,
  $$ delete from public.service_providers $$,
  $$ delete from public.integration_capabilities $$
]) as attempts (attempt);
select tests.act_as_anon();
select throws_ok('select from public.service_providers', '42501', null, 'a visitor may not even ask');

select tests.act_as_service();
select lives_ok(
  $$ update public.service_providers set token_endpoint = 'http://127.0.0.1:9/token' where name = 'gmail' $$,
  'the operator points an endpoint elsewhere'
);
select throws_ok(attempt, '42501', null, 'and cannot: ' || attempt)
from unnest(array[
  $$ insert into public.service_providers (name, display_name, provider_type) values ('x', 'X', 'smtp') $$,
  $$ delete from public.service_providers $$,
  $$ update public.integration_capabilities set effect = 'read' $$
]) as attempts (attempt);
select throws_ok(attempt, code, null, why)
from (values
  (
    $$ update public.service_providers set token_endpoint = null where name = 'gmail' $$,
    '23514', 'a provider of OAuth has endpoints'
  ),
  (
    $$ update public.service_providers set token_endpoint = 'https://me:pw@evil.test/' where name = 'gmail' $$,
    '23514', 'an endpoint carries no credentials'
  ),
  (
    $$ update public.service_providers set configuration_metadata
      = configuration_metadata || '{"client_secret": "GOCSPX-abcdefghijkl"}' where name = 'gmail' $$,
    'PT400', 'a client secret has no place in the catalogue'
  )
) as attempts (attempt, code, why);

select tests.act_as_nobody();
-- What is asked for by default can be asked for, and so can what it takes to know the account.
select is_empty(
  $$
    select name, asked.scope
    from public.service_providers
    cross join lateral (
      select jsonb_array_elements_text(configuration_metadata -> 'default_scopes')
      union
      select jsonb_array_elements_text(configuration_metadata -> 'identity' -> 'scopes')
    ) as asked (scope)
    where not scopes_supported @> jsonb_build_array(jsonb_build_object('scope', asked.scope))
  $$,
  'scopes that are asked for are described'
);
select is_empty(
  $$
    select name from public.service_providers
    where provider_type = 'oauth'
      and not configuration_metadata ?& array[
        'api_base_url', 'client', 'pkce', 'default_scopes', 'token_endpoint_auth_method',
        'tokens_expire', 'identity'
      ]
  $$,
  'each provider of OAuth says how it works'
);
select is_empty(
  $$
    select name from public.service_providers
    where provider_type in ('api_key', 'smtp')
      and configuration_metadata -> 'credential_schema' ->> 'type' is distinct from 'object'
  $$,
  'each other one says what its credential consists of'
);
select is_empty(
  $$
    select name from public.service_providers
    where provider_type = 'api_key'
      and (
        not configuration_metadata ?& array['api_base_url', 'auth_header', 'check']
        or not configuration_metadata -> 'credential_schema' -> 'properties'
          ? (configuration_metadata -> 'auth_header' ->> 'from')
      )
  $$,
  'and how a key is tried'
);
select is_empty(
  $$
    select name from public.service_providers
    where configuration_metadata::text ~ '"(client_secret|api_key|password)": "'
  $$,
  'no credential is in the catalogue'
);
select results_eq(
  $$
    select configuration_metadata -> 'extra_authorization_params'
    from public.service_providers where name like 'google-%' or name = 'gmail'
    group by 1
  $$,
  $$ values ('{"access_type": "offline", "prompt": "consent"}'::jsonb) $$,
  'Google is asked for a refresh token'
);
select ok(
  (
    select configuration_metadata -> 'default_scopes' ? 'offline_access'
      and authorization_endpoint like 'https://login.microsoftonline.com/common/oauth2/v2.0/%'
    from public.service_providers where name = 'microsoft-outlook'
  ),
  'so is Microsoft'
);

select * from finish();
rollback;
