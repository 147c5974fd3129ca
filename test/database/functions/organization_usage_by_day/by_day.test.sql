-- organization_usage_by_day() and the view organization_usage: for those who hold quotas.read.
begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'dan', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');
insert into public.organization_usage_days
  (organization_id, day, request_count, model_cost_usd, row_count)
values
  (tests.organization_of('ada'), '2026-03-01', 7, 0.5, 12),
  (tests.organization_of('ada'), '2026-03-03', 9, 0, null);
update public.organization_quotas
set requests_per_minute_limit = 60, rows_limit = 5000, monthly_model_cost_limit_usd = 20
where organization_id = tests.organization_of('ada');

create function tests.days(p_from date, p_to date) returns setof record language sql as $$
  select day, request_count, model_cost_usd, row_count
  from public.organization_usage_by_day(tests.organization_of('ada'), p_from, p_to)
$$;

select tests.act_as('cleo');
select results_eq(
  $$ select * from tests.days('2026-03-01', '2026-03-03')
     as days (day date, requests bigint, cost numeric, rows bigint) $$,
  $$ values
    ('2026-03-01'::date, 7::bigint, 0.5, 12::bigint),
    ('2026-03-02', 0, 0, null),
    ('2026-03-03', 9, 0, null) $$,
  'each day has its line, also one without use'
);
select is(
  (select count(*) from public.organization_usage_by_day(tests.organization_of('ada'))), 30::bigint,
  'by default the last 30'
);
select is(
  (select max(day) from public.organization_usage_by_day(tests.organization_of('ada'))),
  (now() at time zone 'UTC')::date, 'today included'
);
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada'), '2026-03-02', '2026-03-01') $$,
  'PT400', null, 'days run forwards'
);
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada'), '1900-01-01') $$,
  'PT400', null, 'not without end'
);
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada'), '-infinity', 'infinity') $$,
  'PT400', null, 'and not for ever'
);
select results_eq(
  $$ select requests_per_minute_limit, rows_limit, monthly_model_cost_limit_usd, jobs_in_flight
     from public.organization_usage where organization_id = tests.organization_of('ada') $$,
  $$ values (60, 5000::bigint, 20.0000::numeric(12, 4), 0::bigint) $$,
  'the view has use and limits side by side'
);
select cmp_ok(
  (select row_count from public.organization_usage where organization_id = tests.organization_of('ada')),
  '>', 3::bigint, 'rows are exact under a limit'
);

select tests.act_as('dan');
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada')) $$, 'PT403', null,
  'a guest may not see the days'
);
select is_empty(
  $$ select from public.organization_usage where organization_id = tests.organization_of('ada') $$,
  'nor the view'
);
select is_empty(
  $$ select private.organization_usage_now(tests.organization_of('ada')) $$, 'nor what is behind it'
);
select tests.act_as('sue');
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada')) $$, 'PT403', null,
  'nor may a suspended member'
);
select is_empty(
  $$ select from public.organization_usage where organization_id = tests.organization_of('ada') $$,
  'in the view neither'
);
select tests.act_as('eve');
select throws_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada')) $$, 'PT403', null,
  'nor a stranger'
);
select is_empty(
  $$ select private.organization_usage_now(tests.organization_of('ada')) $$,
  'a stranger does not go around the view'
);
select throws_ok(
  'select public.organization_usage_by_day(null)', 'PT403', null, 'no organization is nobody''s'
);
select tests.act_as_anon();
select throws_ok(
  'select public.organization_usage_by_day(gen_random_uuid())', '42501', null, 'nor a visitor'
);
select throws_ok('select from public.organization_usage', '42501', null, 'who sees no view');
select tests.act_as_service();
select lives_ok(
  $$ select public.organization_usage_by_day(tests.organization_of('ada')) $$, 'the service may'
);
select isnt_empty('select from public.organization_usage', 'and sees the view of all');

select * from finish();
rollback;
