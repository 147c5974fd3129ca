begin;
select plan(29);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.provider(p_name text) returns uuid language sql as $$
  select id from public.service_providers where name = p_name
$$;
create function tests.held() returns text[] language sql security definer as $$
  select array_agg(decrypted_secret order by decrypted_secret) from vault.decrypted_secrets
  where name like 'organizations/%/connections/%'
$$;

-- As the service, on behalf of somebody; the answer is kept under a name.
create function tests.save(
  p_user text,
  p_organization_id uuid,
  p_access_token text,
  p_refresh_token text default null,
  p_account_id text default null,
  p_connection_id uuid default null,
  p_expires_in_seconds integer default 3600,
  p_provider text default 'gmail'
)
returns jsonb
language sql
as $$
  select public.save_oauth_connection(
    tests.user_id(p_user), p_organization_id, tests.provider(p_provider), p_access_token,
    p_refresh_token, array['openid', 'email'], p_expires_in_seconds, p_account_id,
    p_account_id || '@example.test', p_connection_id => p_connection_id,
    p_metadata => '{"team": "Desk"}'
  )
$$;

select tests.act_as_service();
select set_config('tests.answer', tests.save(
  'cleo', tests.organization_of('ada'), 'ya29.one', '1//one', 'first'
)::text, true);
select set_config('tests.id', current_setting('tests.answer')::jsonb ->> 'id', true);

select is(
  current_setting('tests.answer')::jsonb
    - array['id', 'created_at', 'updated_at', 'token_expires_at', 'service_provider_id'],
  jsonb_build_object(
    'organization_id', tests.organization_of('ada'), 'user_id', tests.user_id('cleo'),
    'credential_type', 'oauth', 'connection_name', 'first@example.test',
    'connection_status', 'active', 'connection_metadata', '{"team": "Desk"}'::jsonb,
    'visibility', 'personal', 'account_id', 'first', 'account_name', 'first@example.test',
    'scopes_granted', '["openid", "email"]'::jsonb, 'token_version', 1, 'last_used_at', null,
    'last_error', null, 'provider', 'gmail', 'provider_display_name', 'Gmail'
  ),
  'a connection is described without anything that leads to its tokens'
);
select is(
  (current_setting('tests.answer')::jsonb ->> 'token_expires_at')::timestamptz,
  now() + interval '1 hour',
  'its token ends when the provider said'
);
select is(tests.held(), array['1//one', 'ya29.one'], 'both tokens are in Vault');

-- The same account again is the same connection.
select is(
  tests.save('cleo', tests.organization_of('ada'), 'ya29.two', null, 'first', null, null) - 'updated_at',
  current_setting('tests.answer')::jsonb - 'updated_at'
    || '{"token_version": 2, "token_expires_at": null}',
  'connecting the account again renews the connection'
);
select is(tests.held(), array['1//one', 'ya29.two'], 'a refresh token that did not come anew stays');
select isnt(
  tests.save('cleo', tests.organization_of('ada'), 'ya29.x', null, 'second') ->> 'id',
  current_setting('tests.id'),
  'another account is another connection'
);
select isnt(
  tests.save('ada', tests.organization_of('ada'), 'ya29.y', null, 'first') ->> 'id',
  current_setting('tests.id'),
  'so is the account in the hands of another person'
);
select isnt(
  tests.save('cleo', tests.organization_of('cleo'), 'ya29.z', null, 'first') ->> 'id',
  current_setting('tests.id'),
  'and in another organization of the same person'
);
select isnt(
  tests.save('cleo', tests.organization_of('ada'), 'ya29.w', null, 'first', p_provider => 'google-drive') ->> 'id',
  current_setting('tests.id'),
  'and at another service'
);
select is(
  tests.save('cleo', tests.organization_of('ada'), 'ya29.three', '1//three', 'first', current_setting('tests.id')::uuid)
    ->> 'token_version',
  '3',
  'a connection can be named'
);

select throws_ok(attempt, code, null, why)
from (values
  (
    format($$ select tests.save('cleo', %L, 'ya29.four', null, 'third', %L) $$, tests.organization_of('ada'), current_setting('tests.id')),
    'PT409', 'another account does not take the place of the one connected'
  ),
  (
    format($$ select tests.save('ada', %L, 'ya29.four', null, 'first', %L) $$, tests.organization_of('ada'), current_setting('tests.id')),
    'PT404', 'nobody renews the connection of another'
  ),
  (
    format($$ select tests.save('cleo', %L, 'ya29.four', null, 'first', %L) $$, tests.organization_of('cleo'), current_setting('tests.id')),
    'PT404', 'nor one of another organization'
  ),
  (
    format($$ select tests.save('cleo', %L, 'ya29.four', null, 'first', %L, 60, 'google-drive') $$, tests.organization_of('ada'), current_setting('tests.id')),
    'PT404', 'nor one at another service'
  ),
  (
    format($$ select tests.save('gus', %L, 'ya29.four') $$, tests.organization_of('ada')),
    'PT403', 'who lacks integrations.connect connects nothing'
  ),
  (
    format($$ select tests.save('sue', %L, 'ya29.four') $$, tests.organization_of('ada')),
    'PT403', 'nor does who is suspended'
  ),
  (
    format($$ select tests.save('eve', %L, 'ya29.four') $$, tests.organization_of('ada')),
    'PT403', 'nor a stranger with an organization forged'
  ),
  (
    format($$ select tests.save('cleo', %L, 'ya29.four') $$, gen_random_uuid()),
    'PT403', 'nor anyone in an organization that is none'
  ),
  (
    format($$ select tests.save('cleo', %L, 'ya29.four', p_provider => 'openai') $$, tests.organization_of('ada')),
    'PT404', 'a service with keys is not connected by consent'
  ),
  (
    format($$ select tests.save('cleo', %L, '') $$, tests.organization_of('ada')),
    'PT400', 'no token is no connection'
  ),
  (
    format($$ select tests.save('cleo', %L, E' \n') $$, tests.organization_of('ada')),
    'PT400', 'nor is white space'
  ),
  (
    format(
      $$ select public.save_oauth_connection(%L, %L, %L, 'ya29.four', p_metadata => '{"token": "ya29.abcdefghijklmnopqrs"}') $$,
      tests.user_id('cleo'), tests.organization_of('ada'), tests.provider('gmail')
    ),
    'PT400', 'a token does not slip into what people read'
  ),
  (
    format(
      $$ select public.save_oauth_connection(%L, %L, %L, 'ya29.four', p_visibility => 'public') $$,
      tests.user_id('cleo'), tests.organization_of('ada'), tests.provider('gmail')
    ),
    '23514', 'there is no wider visibility than the organization'
  )
) as attempts (attempt, code, why);
select ok(not 'ya29.four' = any (tests.held()), 'nothing of that is in Vault');

select tests.act_as_nobody();
update public.service_providers set is_active = false where name = 'gmail';
select tests.act_as_service();
select throws_ok(
  format($$ select tests.save('cleo', %L, 'ya29.four') $$, tests.organization_of('ada')),
  'PT404', null, 'a service that is switched off connects nobody'
);

-- The engine's row of the old tokens goes, so that its lease says nothing about the new ones.
select tests.act_as_nobody();
update public.service_providers set is_active = true where name = 'gmail';
select tests.act_as_service();
select is(
  public.claim_token_refresh(current_setting('tests.id')::uuid, 3) ->> 'outcome', 'claimed', 'a refresh is under way'
);
select tests.save('cleo', tests.organization_of('ada'), 'ya29.five', '1//five', 'first');
select is(
  public.claim_token_refresh(current_setting('tests.id')::uuid, 4) ->> 'outcome',
  'claimed',
  'connecting anew ends its lease'
);
select is(
  public.complete_token_refresh(current_setting('tests.id')::uuid, 3, 'ya29.late') ->> 'outcome',
  'superseded',
  'and what it brings is not taken'
);
select ok(not 'ya29.late' = any (tests.held()), 'nor kept');

select * from finish();
rollback;
