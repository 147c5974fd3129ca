-- Usage by day: read by those who hold quotas.read, written by the engine alone.
begin;
select plan(10);

select tests.create_user('ada');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'dan', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');
insert into public.organization_usage_days (organization_id, day, request_count)
values (tests.organization_of('ada'), '2026-03-01', 7);

select policies_are('public', 'organization_usage_days', array['select_member']);

select tests.act_as('cleo');
select results_eq(
  'select day, request_count from public.organization_usage_days',
  $$ values ('2026-03-01'::date, 7::bigint) $$,
  'a member sees the days'
);
select throws_ok(
  'update public.organization_usage_days set request_count = 0', '42501', null,
  'nobody corrects what was used'
);
select tests.act_as('ada');
select throws_ok(
  'delete from public.organization_usage_days', '42501', null, 'not even an owner removes a day'
);
select throws_ok(
  format(
    'insert into public.organization_usage_days (organization_id, day) values (%L, current_date)',
    tests.organization_of('ada')
  ),
  '42501', null, 'or makes one up'
);
select tests.act_as('dan');
select is_empty('select from public.organization_usage_days', 'a guest sees none');
select tests.act_as('sue');
select is_empty('select from public.organization_usage_days', 'nor does a suspended member');
select tests.act_as('eve');
select is_empty('select from public.organization_usage_days', 'nor a stranger');
select tests.act_as_anon();
select throws_ok('select from public.organization_usage_days', '42501', null, 'nor a visitor');
select tests.act_as_service();
select throws_ok(
  'update public.organization_usage_days set request_count = 0', '42501', null,
  'the service writes none either'
);

select * from finish();
rollback;
