begin;
select plan(31);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');

create function tests.state(p_state text) returns text language sql as $$
  select encode(sha256(p_state::bytea), 'hex')
$$;
create function tests.begin_consent(
  p_state text,
  p_user text default 'cleo',
  p_connection_id uuid default null,
  p_expires_in_seconds integer default 600,
  p_provider text default 'gmail',
  p_code_verifier text default repeat('v', 43)
)
returns jsonb
language sql
as $$
  select public.create_oauth_state(
    tests.state(p_state), tests.user_id(p_user), tests.organization_of('ada'), service_providers.id,
    p_code_verifier, array['openid'], 'https://app.example.test/done', p_connection_id, 'organization',
    'Desk', '{"nonce": 1}', p_expires_in_seconds
  )
  from public.service_providers where name = p_provider
$$;
create function tests.verifiers() returns bigint language sql security definer as $$
  select count(*) from vault.secrets where name like 'organizations/%/oauth_states/%'
$$;
create function tests.let_expire() returns void language sql security definer as $$
  update private.oauth_states set expires_at = clock_timestamp() - interval '1 second'
$$;

select tests.act_as_service();
select ok(tests.begin_consent('one') ?& array['id', 'expires_at'], 'a consent begins');
select is(tests.verifiers(), 1::bigint, 'its verifier waits in Vault');
select throws_ok($$ select tests.begin_consent('one') $$, 'PT409', null, 'a state is used for one');

select is(
  public.consume_oauth_state(tests.state('one')) - array['id', 'created_at', 'expires_at', 'service_provider_id'],
  jsonb_build_object(
    'user_id', tests.user_id('cleo'), 'organization_id', tests.organization_of('ada'),
    'connection_id', null, 'scopes', '["openid"]'::jsonb, 'redirect_to', 'https://app.example.test/done',
    'visibility', 'organization', 'connection_name', 'Desk', 'context', '{"nonce": 1}'::jsonb,
    'code_verifier', repeat('v', 43)
  ),
  'it is found by the hash of its state'
);
select is(tests.verifiers(), 0::bigint, 'the verifier left Vault');
select throws_ok(
  $$ select public.consume_oauth_state(tests.state('one')) $$, 'PT404', null, 'a replayed state finds nothing'
);
select throws_ok(
  $$ select public.consume_oauth_state(tests.state('forged')) $$, 'PT404', null, 'nor does a forged one'
);
select throws_ok(
  format('select public.consume_oauth_state(%L)', wrong), 'PT400', null, 'what is no hash is refused: ' || coalesce(left(wrong, 10), 'null')
)
from unnest(array['one', '', null, repeat('0', 63), upper(repeat('a', 64)), repeat('0', 64) || E'\n']) as wrong;

select lives_ok($$ select tests.begin_consent('late') $$, 'another consent begins');
select tests.let_expire();
select throws_ok(
  $$ select public.consume_oauth_state(tests.state('late')) $$, 'PT404', null, 'whoever returns too late finds nothing'
);
select tests.act_as_nobody();
select is(private.expire_oauth_states(), 1, 'the engine clears up');
select is(tests.verifiers(), 0::bigint, 'also in Vault');

select tests.act_as_service();
select throws_ok(attempt, code, null, why)
from (values
  ($$ select tests.begin_consent('x', 'eve') $$, 'PT403', 'a stranger begins nothing'),
  ($$ select tests.begin_consent('x', p_expires_in_seconds => 601) $$, 'PT400', 'ten minutes are the most'),
  ($$ select tests.begin_consent('x', p_expires_in_seconds => null) $$, 'PT400', 'and there is no forever'),
  ($$ select tests.begin_consent('x', p_code_verifier => 'short') $$, 'PT400', 'a verifier has 43 characters'),
  ($$ select tests.begin_consent('x', p_code_verifier => null) $$, 'PT400', 'there is no way without'),
  ($$ select tests.begin_consent('x', p_provider => 'openai') $$, 'PT404', 'a service with keys asks for no consent'),
  ($$ select tests.begin_consent('x', p_connection_id => gen_random_uuid()) $$, 'PT404', 'a connection that is renewed is there')
) as attempts (attempt, code, why);

-- Somebody else's connection.
select set_config('tests.foreign', (
  public.save_oauth_connection(
    tests.user_id('ada'), tests.organization_of('ada'), id, 'ya29.a', p_visibility => 'organization'
  ) ->> 'id'
), true)
from public.service_providers where name = 'gmail';
select throws_ok(
  format($$ select tests.begin_consent('x', p_connection_id => %L) $$, current_setting('tests.foreign')),
  'PT404', null, 'nobody renews the connection of another, shared or not'
);

-- Suspended on the way.
select lives_ok($$ select tests.begin_consent('suspended') $$, 'a member goes to the provider');
select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('cleo')
  and organization_id = tests.organization_of('ada');
select tests.act_as_service();
select throws_ok(
  $$ select public.consume_oauth_state(tests.state('suspended')) $$, 'PT403', null, 'who is suspended meanwhile comes back to nothing'
);
select tests.act_as_nobody();
update public.organization_members set status = 'active' where user_id = tests.user_id('cleo')
  and organization_id = tests.organization_of('ada');

-- Whoever only ever begins.
select tests.act_as_service();
select tests.begin_consent('many ' || n) from generate_series(1, 25) as n;
select tests.act_as_nobody();
select is(
  (select count(*) from private.oauth_states), 10::bigint, 'of many that one person began, the last ten wait'
);
select is(tests.verifiers(), 10::bigint, 'also in Vault');
select is_empty(
  $$ select from private.oauth_states where oauth_states::text like '%vvvvvv%' or oauth_states::text like '%many%' $$,
  'neither state nor verifier is in a row'
);
delete from auth.users where id = tests.user_id('cleo');
select is(tests.verifiers(), 0::bigint, 'what a deleted user began is gone');

select * from finish();
rollback;
