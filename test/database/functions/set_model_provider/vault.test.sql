-- An organization's own model provider: its key goes into Vault and never comes back to people.
begin;
select plan(24);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');

select tests.act_as('ada');
select is(
  public.get_model_provider(tests.organization_of('ada')), null, 'without a provider there is null'
);
select is(
  public.set_model_provider(
    tests.organization_of('ada'), 'anthropic', 'claude-haiku-4-5', 'sk-first'
  ) - 'updated_at',
  jsonb_build_object(
    'organization_id', tests.organization_of('ada'), 'provider', 'anthropic',
    'model', 'claude-haiku-4-5', 'base_url', null
  ),
  'setting one answers everything but the key'
);
select ok(
  public.get_model_provider(tests.organization_of('ada'))::text not like '%sk-first%',
  'reading it does not show the key'
);
select throws_ok(
  $$select public.model_provider_settings(tests.organization_of('ada'))$$,
  '42501', null, 'even its owner cannot read the key'
);

select tests.act_as_service();
select is(
  public.model_provider_settings(tests.organization_of('ada')),
  '{"provider": "anthropic", "base_url": null, "api_key": "sk-first", "model": "claude-haiku-4-5"}',
  'the service reads it to call the model'
);
select is(
  public.model_provider_settings(tests.organization_of('eve')), null, 'an organization without one has null'
);

select tests.act_as_nobody();
select is(
  (select count(*) from vault.secrets
   where name = format('organizations/%s/model_provider', tests.organization_of('ada'))),
  1::bigint, 'the key is one secret of Vault under the organization''s name'
);
select ok(
  not exists (select from private.model_providers as p where p::text like '%sk-first%'),
  'the row holds no key'
);

select tests.act_as('ada');
select lives_ok(
  $$select public.set_model_provider(
      tests.organization_of('ada'), 'openai-compatible', 'gpt-4o', 'sk-second', 'https://llm.example.com/v1/'
    )$$,
  'it can be replaced'
);
select tests.act_as_service();
select is(
  public.model_provider_settings(tests.organization_of('ada')),
  '{"provider": "openai-compatible", "base_url": "https://llm.example.com/v1", "api_key": "sk-second", "model": "gpt-4o"}',
  'key and address change together'
);

-- Bad input.
select tests.act_as('ada');
select throws_ok(
  format('select public.set_model_provider(%L, %L, %L, %L, %L)',
    tests.organization_of('ada'), bad.provider, bad.model, bad.key, bad.url),
  'PT400', null, bad.why
)
from (values
  ('openai', 'm', 'k', null, 'an unknown provider is refused'),
  ('anthropic', '', 'k', null, 'a model needs a name'),
  ('anthropic', 'm', null, null, 'a provider needs a key'),
  ('anthropic', 'm', E'k\nX-Injected: 1', null, 'a key that would split a header is refused'),
  ('anthropic', 'm', 'k', 'http://llm.example.com', 'a key does not travel in the clear'),
  ('anthropic', 'm', 'k', 'https://me:secret@llm.example.com', 'an address holds no credentials'),
  ('anthropic', 'm', 'k', 'https://llm.example.com/?key=1', 'an address has no query'),
  ('anthropic', 'm', 'k', 'file:///etc/passwd', 'an address is one of the web')
) as bad (provider, model, key, url, why);

-- Who may.
select tests.act_as('bob');
select throws_ok(
  $$select public.set_model_provider(tests.organization_of('ada'), 'anthropic', 'm', 'k')$$,
  'PT403', null, 'a member without ai.manage cannot redirect the organization''s calls'
);
select throws_ok(
  $$select public.remove_model_provider(tests.organization_of('ada'))$$,
  'PT403', null, 'nor remove the provider'
);
select tests.act_as('eve');
select throws_ok(
  $$select public.get_model_provider(tests.organization_of('ada'))$$,
  'PT403', null, 'a stranger does not learn which provider there is'
);

-- Removing.
select tests.act_as('ada');
select ok(public.remove_model_provider(tests.organization_of('ada')), 'removing says that there was one');
select ok(
  not public.remove_model_provider(tests.organization_of('ada')), 'removing again says that there was none'
);
select public.set_model_provider(tests.organization_of('ada'), 'anthropic', 'm', 'sk-third');
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('ada');
select is_empty(
  $$select from vault.secrets where name like 'organizations/%/model_provider'$$,
  'the key goes with the organization'
);

select * from finish();
rollback;
