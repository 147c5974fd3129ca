-- organization_model_usage(): the month so far, for those who hold ai.read.
begin;
select plan(6);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');

select tests.act_as('ada');
select row_eq(
  $$select month, spent_usd, reserved_usd, limit_usd, call_count
    from public.organization_model_usage(tests.organization_of('ada'))$$,
  row(
    date_trunc('month', now() at time zone 'UTC')::date, 0::numeric, 0::numeric, null::numeric,
    0::bigint
  ),
  'an organization that never called a model has spent nothing, without limit'
);

select tests.act_as('bob');
select lives_ok(
  $$select public.organization_model_usage(tests.organization_of('ada'))$$, 'a member may read it'
);

select tests.act_as('eve');
select throws_ok(
  $$select public.organization_model_usage(tests.organization_of('ada'))$$,
  'PT403', null, 'a stranger may not'
);
select throws_ok(
  'select public.organization_model_usage(null)', 'PT403', null, 'no organization is nobody''s'
);
select tests.act_as_anon();
select throws_ok(
  $$select public.organization_model_usage(null)$$, '42501', null, 'a visitor may not ask'
);
select tests.act_as_service();
select lives_ok(
  $$select public.organization_model_usage(tests.organization_of('ada'))$$, 'the service may read all'
);

select * from finish();
rollback;
