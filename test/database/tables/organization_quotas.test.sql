begin;
select plan(18);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'dan', 'guest');

select policies_are('public', 'organization_quotas', array['select_member', 'update_manager']);

select tests.act_as('ada');
select results_eq(
  'select organization_id, monthly_model_cost_limit_usd from public.organization_quotas',
  $$ select tests.organization_of('ada'), null::numeric $$,
  'an organization has its quotas from the start, without a limit'
);
select lives_ok(
  'update public.organization_quotas set monthly_model_cost_limit_usd = 12.5',
  'an owner sets the limit'
);
select throws_ok(
  'update public.organization_quotas set monthly_model_cost_limit_usd = -1',
  '23514', null,
  'a limit is not negative'
);
select throws_ok(
  'delete from public.organization_quotas',
  '42501', null,
  'nobody lifts a limit by deleting the row'
);

select tests.act_as('bob');
select is_empty(
  $$
    update public.organization_quotas set monthly_model_cost_limit_usd = 1000000
    where organization_id = tests.organization_of('ada') returning organization_id
  $$,
  'an admin does not raise the limit'
);
select tests.act_as('cleo');
select is(
  (
    select monthly_model_cost_limit_usd from public.organization_quotas
    where organization_id = tests.organization_of('ada')
  ),
  12.5,
  'a member sees the limit'
);
select tests.act_as('dan');
select is_empty(
  $$
    select 1 from public.organization_quotas where organization_id = tests.organization_of('ada')
  $$,
  'a guest does not see the limit'
);
select tests.act_as('eve');
select is_empty(
  $$
    select 1 from public.organization_quotas where organization_id = tests.organization_of('ada')
  $$,
  'a stranger does not see the limit'
);
select is_empty(
  $$
    update public.organization_quotas set monthly_model_cost_limit_usd = 0
    where organization_id = tests.organization_of('ada') returning organization_id
  $$,
  'a stranger sets no limit'
);
select tests.act_as_anon();
select throws_ok('select 1 from public.organization_quotas', '42501', null, 'visitors see nothing');


-- The other limits.
select tests.act_as('ada');
select lives_ok(
  $$
    update public.organization_quotas
    set
      requests_per_minute_limit = 1000,
      jobs_in_flight_limit = 0,
      storage_bytes_limit = 5368709120,
      rows_limit = null
  $$,
  'an owner sets every limit, 0 and none included'
);
select throws_ok(
  format('update public.organization_quotas set %I = -1', name), '23514', null,
  name || ' is not negative'
)
from unnest(array[
  'requests_per_minute_limit', 'jobs_in_flight_limit', 'storage_bytes_limit', 'rows_limit'
]) as name;
select tests.act_as('bob');
select is_empty(
  $$
    update public.organization_quotas
    set
      requests_per_minute_limit = null,
      jobs_in_flight_limit = null,
      storage_bytes_limit = null,
      rows_limit = null
    where organization_id = tests.organization_of('ada') returning organization_id
  $$,
  'an admin lifts none of them'
);
select tests.act_as('eve');
select is_empty(
  $$
    update public.organization_quotas set requests_per_minute_limit = 1
    where organization_id = tests.organization_of('ada') returning organization_id
  $$,
  'a stranger does not slow an organization down'
);

select * from finish();
rollback;
