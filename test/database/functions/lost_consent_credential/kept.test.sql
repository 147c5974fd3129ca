-- A connection that goes in use leaves its consent to be taken back, and nothing else.
begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');

create function tests.connect(p_provider text, p_account text)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.save_oauth_connection(
    tests.user_id('cleo'), tests.organization_of('ada'), service_providers.id,
    'access-of-' || p_account, 'refresh-of-' || p_account, p_account_id => p_account
  ) ->> 'id'
  from public.service_providers
  where service_providers.name = p_provider;
$$;

select tests.act_as_service();
select set_config('tests.mail', tests.connect('gmail', 'mail'), true);
select set_config('tests.ended', tests.connect('gmail', 'ended'), true);
select public.disconnect_service(current_setting('tests.ended')::uuid);
-- Notion has no way to take a consent back.
select tests.act_as_nobody();
update public.service_providers set revocation_endpoint = null where name = 'notion';
select tests.act_as_service();
select tests.connect('notion', 'pages');
select public.save_key_connection(
  tests.user_id('cleo'), tests.organization_of('ada'), id, '{"api_key": "sk-cleo"}'
) from public.service_providers where name = 'openai';

select tests.act_as('ada');
select lives_ok(
  format(
    'select public.remove_member(%L, %L)', tests.organization_of('ada'), tests.user_id('cleo')
  ),
  'a member is removed'
);

select tests.act_as_nobody();
select is_empty('select from public.user_integration_credentials', 'with their connections');
select is(
  (select count(*) from private.lost_consents), 1::bigint,
  'one consent is to be taken back: not the ended one, nor a key, nor where there is no way to'
);
select is(
  (select count(*) from vault.secrets where name like 'organizations/%/connections/%'), 0::bigint,
  'the connections'' own secrets are gone'
);
select is(
  (
    select count(*) from vault.secrets
    where name ~ '^consents/' and concat_ws(' ', name, description) !~* tests.user_id('cleo')::text
  ),
  1::bigint,
  'what is kept lies under a name that leads back to nobody'
);
select results_eq(
  $$ select queue, kind, payload ->> 'consent_id', organization_id from private.jobs where queue = 'tokens' $$,
  $$ select 'tokens', 'revoke_consent', id::text, null::uuid from private.lost_consents $$,
  'a job has it taken back'
);
select set_config('tests.consent', (select id::text from private.lost_consents), true);

-- Nobody but the service.
select tests.act_as('cleo');
select throws_ok(
  format('select public.%I(%L)', name, current_setting('tests.consent')),
  '42501', null, name || '() is closed to people'
)
from unnest(array['lost_consent_credential', 'forget_lost_consent']) as name;
select throws_ok('select from private.lost_consents', '42501', null, 'and so is the table');
select tests.act_as_anon();
select throws_ok(
  format('select public.lost_consent_credential(%L)', current_setting('tests.consent')),
  '42501', null, 'also to those who are not signed in'
);

select tests.act_as_service();
select is(
  public.lost_consent_credential(current_setting('tests.consent')::uuid) - 'configuration_metadata',
  jsonb_build_object(
    'access_token', 'access-of-mail',
    'refresh_token', 'refresh-of-mail',
    'provider', 'gmail',
    'revocation_endpoint', (
      select revocation_endpoint from public.service_providers where name = 'gmail'
    ),
    'is_account_shared', false
  ),
  'the service is given what taking it back needs'
);
select public.save_oauth_connection(
  tests.user_id('ada'), tests.organization_of('ada'), id, 'x', 'y', p_account_id => 'mail'
) from public.service_providers where name = 'google-drive';
select is(
  public.lost_consent_credential(current_setting('tests.consent')::uuid) -> 'is_account_shared',
  'true',
  'and told when another connection lives by the same consent'
);

select ok(
  public.forget_lost_consent(current_setting('tests.consent')::uuid), 'a consent is forgotten'
);
select ok(not public.forget_lost_consent(current_setting('tests.consent')::uuid), 'once');
select is(
  public.lost_consent_credential(current_setting('tests.consent')::uuid), null,
  'nothing is left of it'
);
select tests.act_as_nobody();
select is_empty(
  $$ select from vault.secrets where name like 'consents/%' $$, 'not in Vault either'
);

-- With the organization; what cannot be taken back within a day is given up.
delete from public.organizations where id = tests.organization_of('ada');
select is((select count(*) from private.lost_consents), 1::bigint, 'an organization leaves them, too');
select is(private.forget_lost_consents(), 0, 'they have a day');
update private.lost_consents set created_at = now() - interval '25 hours';
select is(private.forget_lost_consents(), 1, 'then they are given up');
select is_empty($$ select from vault.secrets where name like 'consents/%' $$, 'with their tokens');

select * from finish();
rollback;
