begin;
select plan(45);

select tests.create_user('ada');

create function tests.outcome(p_answer jsonb) returns text language sql as $$
  select p_answer ->> 'outcome'
$$;
create function tests.claim(
  p_seen integer default null,
  p_was_rejected boolean default false,
  p_lease_seconds integer default 60
)
returns jsonb
language plpgsql
as $$
declare
  v_answer constant jsonb := public.claim_token_refresh(
    current_setting('tests.id')::uuid, p_seen, p_was_rejected, p_lease_seconds
  );
begin
  if v_answer ? 'lease_token' then
    perform set_config('tests.lease', v_answer ->> 'lease_token', true);
  end if;
  return v_answer;
end;
$$;
create function tests.complete(p_version integer, p_token text, p_refresh_token text default null)
returns jsonb
language sql
as $$
  select public.complete_token_refresh(
    current_setting('tests.id')::uuid, p_version, p_token, p_refresh_token, 3600
  )
$$;
create function tests.fail(p_version integer, p_is_permanent boolean, p_retry_after integer default null)
returns jsonb
language sql
as $$
  select public.fail_token_refresh(
    current_setting('tests.id')::uuid, current_setting('tests.lease')::uuid, p_version,
    case when p_is_permanent then 'invalid_grant' else 'provider_down' end, p_is_permanent, p_retry_after
  )
$$;
-- Lets time pass for the leases and delays of refreshing.
create function tests.pass(p_interval interval) returns void language sql security definer as $$
  update private.token_refreshes
  set
    leased_until = leased_until - p_interval,
    retry_at = retry_at - p_interval,
    rejected_at = rejected_at - p_interval,
    refreshed_at = refreshed_at - p_interval
$$;
create function tests.token() returns text language sql as $$
  select public.connection_credential(current_setting('tests.id')::uuid) ->> 'access_token'
$$;
create function tests.events() returns bigint language sql security definer as $$
  select count(*) from public.audit_logs where action = 'connection.expired'
$$;

select tests.act_as_service();
select set_config('tests.id', (
  public.save_oauth_connection(
    tests.user_id('ada'), tests.organization_of('ada'), id, 'access-1', 'refresh-1', array['openid'], 3600,
    p_account_id => 'a'
  ) ->> 'id'
), true)
from public.service_providers where name = 'linear';

-- One at a time.
select is(
  tests.claim(1) - array['token_expires_at', 'lease_token', 'leased_until', 'configuration_metadata'],
  jsonb_build_object(
    'connection_id', current_setting('tests.id'), 'outcome', 'claimed', 'token_version', 1,
    'status', 'active', 'refresh_token', 'refresh-1', 'scopes', '["openid"]'::jsonb, 'provider', 'linear',
    'token_endpoint', 'https://api.linear.app/oauth/token',
    'revocation_endpoint', 'https://api.linear.app/oauth/revoke'
  ),
  'the first who asks gets the refresh token and the place to go'
);
select is(tests.outcome(tests.claim(1)), 'busy', 'the next looks again later');
select ok(not tests.claim(1) ? 'refresh_token', 'and gets no token');
select is(tests.outcome(tests.claim()), 'busy', 'so does who has seen none');
select is(tests.outcome(tests.complete(1, 'access-2', 'refresh-2')), 'refreshed', 'what came is kept');
select is(tests.token(), 'access-2', 'and is what functions get');
select is(tests.outcome(tests.claim(1)), 'fresh', 'who saw the old token is told that there is a new one');
select is(tests.outcome(tests.complete(1, 'access-x', 'refresh-x')), 'superseded', 'nothing newer is overwritten');
select is(tests.token(), 'access-2', 'really not');
select is(tests.claim(2) ->> 'refresh_token', 'refresh-2', 'the next time it is the rotated one');
select is(tests.outcome(tests.complete(2, 'access-3')), 'refreshed', 'a provider that rotates nothing is fine');
select is(tests.claim(3) ->> 'refresh_token', 'refresh-2', 'the refresh token stays');
select throws_ok(
  format('select public.complete_token_refresh(%L, 3, %L)', current_setting('tests.id'), ''),
  'PT400', null, 'nothing is no token'
);
select throws_ok(
  format('select public.claim_token_refresh(%L, 3, false, 301)', current_setting('tests.id')),
  'PT400', null, 'a lease is short'
);
select throws_ok('select public.claim_token_refresh(gen_random_uuid())', 'PT404', null, 'what is none is not found');

-- A refresher that was too slow.
select tests.pass('61 seconds');
select set_config('tests.slow', current_setting('tests.lease'), true);
select is(tests.outcome(tests.claim(3)), 'claimed', 'when a lease ends, another takes over');
select is(
  tests.outcome(public.fail_token_refresh(
    current_setting('tests.id')::uuid, current_setting('tests.slow')::uuid, 3, 'invalid_grant', true
  )),
  'busy',
  'then the slow one does not decide that it is over'
);
select is(
  tests.outcome(public.fail_token_refresh(current_setting('tests.id')::uuid, gen_random_uuid(), 3, 'x', true)),
  'busy',
  'nor does anyone with a lease of their own making'
);
select is(tests.outcome(tests.complete(3, 'access-4', 'refresh-4')), 'refreshed', 'but what it brings counts');
select is(tests.outcome(tests.fail(3, true)), 'superseded', 'and the other, told invalid_grant, reads again: all is well');
select is(tests.token(), 'access-4', 'the token is the one that came');

-- What may pass by itself.
select is(tests.outcome(tests.claim(4)), 'claimed', 'the provider is asked');
select is(tests.outcome(tests.fail(4, false)), 'waiting', 'and is down');
select is(tests.outcome(tests.claim(4)), 'waiting', 'nobody asks again at once');
select ok(
  (tests.claim(4) ->> 'retry_at')::timestamptz between clock_timestamp() + '3 seconds' and clock_timestamp() + '7 seconds',
  'but in about five seconds'
);
select tests.pass('10 seconds');
select is(tests.outcome(tests.claim(4)), 'claimed', 'then they do');
select ok(
  (failed.answer ->> 'retry_at')::timestamptz between clock_timestamp() + '7 seconds' and clock_timestamp() + '13 seconds',
  'the second wait is longer'
)
from (select tests.fail(4, false) as answer offset 0) as failed;
select tests.pass('1 hour');
select tests.claim(4);
select ok(
  (tests.fail(4, false, 900) ->> 'retry_at')::timestamptz > clock_timestamp() + '890 seconds',
  'a provider that asks for time gets it'
);
select tests.act_as('ada');
select results_eq(
  'select connection_status, last_error from public.user_integration_credentials',
  $$ values ('active', 'provider_down') $$,
  'the owner sees why'
);
select tests.act_as_service();
select is(tests.events(), 0::bigint, 'and nothing is over');
select tests.pass('1 hour');
select tests.claim(4);
select is(tests.outcome(tests.complete(4, 'access-5')), 'refreshed', 'it was not');
select tests.claim(5);
select ok(
  (tests.fail(5, false) ->> 'retry_at')::timestamptz < clock_timestamp() + '7 seconds',
  'and waiting starts over'
);
select tests.pass('1 hour');

-- A token that its provider takes no longer, though it has not ended.
select is(tests.outcome(tests.claim(5, true)), 'claimed', 'a rejected token is replaced');
select tests.complete(5, 'access-6');
select is(tests.outcome(tests.claim(5, true)), 'fresh', 'others who met the same rejection use the new one');
select is(tests.outcome(tests.claim(6, true)), 'inactive', 'when that is rejected as well, another is not fetched');
select is(
  public.connection_credential(current_setting('tests.id')::uuid) ->> 'status', 'error', 'the connection is in error'
);
select is(tests.events(), 1::bigint, 'one event says so');
select is(tests.outcome(tests.claim(6, true)), 'inactive', 'and it stays so');
select is(tests.events(), 1::bigint, 'without further events');

-- For good.
select is(
  public.save_oauth_connection(
    tests.user_id('ada'), tests.organization_of('ada'), id, 'access-7', 'refresh-7', p_account_id => 'a'
  ) ->> 'connection_status',
  'active',
  'connecting anew mends it'
)
from public.service_providers where name = 'linear';
select is(tests.outcome(tests.claim(7)), 'claimed', 'and it is refreshed again');
select is(tests.outcome(tests.fail(7, true)), 'expired', 'until the provider says no');
select is(tests.outcome(tests.fail(7, true)), 'inactive', 'which is heard once');
select is(tests.events(), 2::bigint, 'as one event');
select is(
  tests.outcome(tests.complete(7, 'access-8', 'refresh-8')),
  'refreshed',
  'unless another brings what it got for that very token'
);

select * from finish();
rollback;
