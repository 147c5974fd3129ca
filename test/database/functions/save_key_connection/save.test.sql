begin;
select plan(26);

select tests.create_user('ada');
select tests.create_user('eve');

create function tests.keep(p_provider text, p_credential jsonb, p_user text default 'ada')
returns jsonb
language sql
as $$
  select public.save_key_connection(
    tests.user_id(p_user), tests.organization_of('ada'), service_providers.id, p_credential
  )
  from public.service_providers where name = p_provider
$$;

select tests.act_as_service();
select set_config('tests.id', tests.keep('openai', '{"api_key": "sk-hunter2"}') ->> 'id', true);
select tests.act_as('ada');
select results_eq(
  'select credential_type::text, connection_name, connection_status from public.user_integration_credentials',
  $$ values ('api_key', 'OpenAI', 'active') $$,
  'a key is a connection named by its service'
);
select tests.act_as_service();
select is(
  public.connection_credential(current_setting('tests.id')::uuid) -> 'credential',
  '{"api_key": "sk-hunter2"}',
  'functions get what it consists of'
);
select ok(
  not tests.keep('openai', '{"api_key": "sk-hunter3"}') ? 'credential', 'whoever saves gets nothing back'
);
select lives_ok(
  $$ select tests.keep('smtp', '{"host": "mail.example.test", "port": 587, "security": "starttls",
    "username": "me", "password": "pw", "from_email": "me@example.test"}') $$,
  'SMTP is as good'
);
select tests.act_as_nobody();
select is(
  (select array_agg(distinct credential_type::text order by credential_type::text) from public.user_integration_credentials),
  array['api_key', 'smtp'], 'and is of its own kind'
);

select tests.act_as_service();
select throws_ok(attempt, 'PT400', null, why)
from (values
  ($$ select tests.keep('openai', null) $$, 'nothing is no credential'),
  ($$ select tests.keep('openai', '[]') $$, 'nor is a list'),
  ($$ select tests.keep('openai', '"sk-hunter2"') $$, 'nor a text'),
  ($$ select tests.keep('openai', '{}') $$, 'what the schema asks for has to be there'),
  ($$ select tests.keep('openai', '{"api_key": ""}') $$, 'and not empty'),
  ($$ select tests.keep('openai', '{"api_key": null}') $$, 'nor null'),
  ($$ select tests.keep('openai', '{"api_key": 7}') $$, 'nor of another type'),
  ($$ select tests.keep('openai', '{"api_key": "a\nb"}') $$, 'nor of two lines, which would be two headers'),
  ($$ select tests.keep('openai', '{"api_key": "x", "base_url": "https://evil.test"}') $$, 'nothing else is taken'),
  ($$ select tests.keep('mailgun', '{"api_key": "x", "domain": "a/../b", "from_email": "a@b.c"}') $$, 'a domain is no path'),
  ($$ select tests.keep('mailgun', '{"api_key": "x", "domain": "a.test", "from_email": "a@b.c", "region": "mars"}') $$, 'regions are those there are'),
  ($$ select tests.keep('smtp', '{"host": "h", "port": 70000, "security": "tls", "from_email": "a@b.c"}') $$, 'ports are those there are'),
  ($$ select tests.keep('smtp', '{"host": "h", "port": 25, "security": "none", "from_email": "a@b.c"}') $$, 'mail is not sent in the clear')
) as attempts (attempt, why);
select throws_like(
  $$ select tests.keep('openai', '{"sk-hunter2": "x"}') $$,
  '%something is given that the service does not know',
  'a name that may be the key itself is not said'
);
select throws_ok(
  $$ select tests.keep('gmail', '{"api_key": "x"}') $$, 'PT404', null, 'a service with consent takes no key'
);
select throws_ok(
  $$ select tests.keep('openai', '{"api_key": "x"}', 'eve') $$, 'PT403', null, 'a stranger connects nothing'
);

-- A new key takes the place of the old one.
select is(
  public.save_key_connection(
    tests.user_id('ada'), tests.organization_of('ada'), service_providers.id, '{"api_key": "sk-new"}',
    p_connection_id => current_setting('tests.id')::uuid
  ) ->> 'token_version',
  '2',
  'a key is replaced'
)
from public.service_providers where name = 'openai';
select is(
  public.connection_credential(current_setting('tests.id')::uuid) -> 'credential' ->> 'api_key',
  'sk-new',
  'by the new one'
);
select is(
  public.claim_token_refresh(current_setting('tests.id')::uuid, 2, true) ->> 'outcome',
  'not_refreshable',
  'keys are not refreshed'
);
select is(
  public.revocation_credential(current_setting('tests.id')::uuid), null, 'and there is no consent to take back'
);

select tests.act_as('ada');
select throws_ok(
  format(
    'select public.save_key_connection(%L, %L, gen_random_uuid(), %L)',
    tests.user_id('ada'), tests.organization_of('ada'), '{"api_key": "x"}'
  ),
  '42501', null, 'people save no keys past the function that tries them'
);

select * from finish();
rollback;
