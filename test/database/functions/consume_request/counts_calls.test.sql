-- consume_request(): one call of a function, counted or refused. For the service alone.
begin;
select plan(16);

select tests.create_user('ada');
select tests.create_user('eve');

select tests.act_as_service();
select lives_ok(
  $$ select public.consume_request(tests.organization_of('ada')) from generate_series(1, 50) $$,
  'without a limit every call passes'
);
select throws_ok(
  'select public.consume_request(gen_random_uuid())', 'PT404', null, 'an unknown organization is told'
);
select throws_ok('select public.consume_request(null)', 'PT404', null, 'and so is none');

select tests.act_as_nobody();
select is(private.count_requests(), 50, 'the tick counts what was let through');
select is(
  (select request_count from public.organization_usage_days
   where organization_id = tests.organization_of('ada')),
  50::bigint, 'and adds it to the day'
);
select is_empty('select from private.request_windows', 'without a limit there are no counters');
update public.organization_quotas set requests_per_minute_limit = 19
where organization_id = tests.organization_of('ada');

select tests.act_as_service();
select lives_ok(
  $$ select public.consume_request(tests.organization_of('ada')) from generate_series(1, 19) $$,
  'with a limit as many pass as it says'
);
select throws_ok(
  $$ select public.consume_request(tests.organization_of('ada')) $$,
  'PT429', 'The limit of 19 requests per minute is reached', 'then none'
);
create function pg_temp.hint_of(p_sql text) returns text language plpgsql as $$
declare v_hint text;
begin
  execute p_sql;
  return null;
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return v_hint;
end; $$;
select matches(
  pg_temp.hint_of($$ select public.consume_request(tests.organization_of('ada')) $$),
  '^Try again in ([1-9]|[1-5][0-9]|60) seconds', 'the refusal says in how many seconds to try again'
);
select lives_ok(
  $$ select public.consume_request(tests.organization_of('eve')) $$,
  'another organization is not held up'
);

select tests.act_as_nobody();
update private.request_windows set minute = minute - interval '1 minute';
select tests.act_as_service();
select lives_ok(
  $$ select public.consume_request(tests.organization_of('ada')) from generate_series(1, 19) $$,
  'the next minute has as many again'
);
select throws_ok(
  $$ select public.consume_request(tests.organization_of('ada')) $$, 'PT429', null, 'and no more'
);

select tests.act_as_nobody();
update public.organization_quotas set requests_per_minute_limit = 0
where organization_id = tests.organization_of('ada');
select tests.act_as_service();
select throws_ok(
  $$ select public.consume_request(tests.organization_of('ada')) $$, 'PT429', null, '0 is none'
);
select tests.act_as_nobody();
update public.organization_quotas set requests_per_minute_limit = null
where organization_id = tests.organization_of('ada');
select tests.act_as_service();
select lives_ok(
  $$ select public.consume_request(tests.organization_of('ada')) $$, 'a limit that is lifted holds nobody'
);

select tests.act_as('ada');
select throws_ok(
  $$ select public.consume_request(tests.organization_of('eve')) $$, '42501', null,
  'nobody uses up the minute of another organization'
);
select tests.act_as_anon();
select throws_ok(
  'select public.consume_request(gen_random_uuid())', '42501', null, 'nor does a visitor'
);

select * from finish();
rollback;
