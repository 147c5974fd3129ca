-- measure_usage(): what the tick writes into the days.
begin;
select plan(10);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
insert into public.agents (name, instructions) values ('Scribe', 'You write.');
select tests.act_as_service();
select public.consume_request(tests.organization_of('ada')) from generate_series(1, 3);
select public.enqueue_job('test', 'test', '{}', tests.organization_of('ada'));
select public.finish_model_call(
  public.begin_model_call(tests.organization_of('ada'), null, 'openai', 'gpt-4o', 1000, 1000),
  'completed', 1000, 1000, 5, 0
);
select tests.act_as_nobody();
update private.jobs set queue = 'tasks' where queue = 'test';
insert into storage.buckets (id, name) values ('measured', 'measured');
insert into storage.objects (bucket_id, name, metadata)
values ('measured', tests.organization_of('ada') || '/a.txt', '{"size": 600}');

select is(private.measure_usage(), 1, 'an organization that is in use is measured');
select is(private.count_requests(), 3, 'requests are counted');
select results_eq(
  $$ select organization_id, day, request_count, model_call_count, peak_jobs_in_flight, storage_bytes
     from public.organization_usage_days $$,
  $$ values (
    tests.organization_of('ada'), (now() at time zone 'UTC')::date, 3::bigint, 1::bigint, 1::bigint,
    600::bigint
  ) $$,
  'into the day of today, and that of nobody else'
);
select is(
  (select model_cost_usd from public.organization_usage_days),
  (select cost_usd from public.ai_agent_tasks), 'with what its models cost'
);
select is(
  (select row_count from public.organization_usage_days),
  private.count_organization_rows(tests.organization_of('ada')), 'and its rows'
);
select is(private.measure_usage(), 0, 'the next turn has nothing to measure');
select is(private.count_requests(), 0, 'or to count');

delete from private.jobs;
update public.organization_usage_days set measured_at = now() - interval '11 minutes';
select is(private.measure_usage(), 1, 'ten minutes later it is measured again');
select is(
  (select peak_jobs_in_flight from public.organization_usage_days), 1::bigint, 'a peak stays'
);

-- What was deleted meanwhile.
insert into private.request_tallies (organization_id) values (gen_random_uuid());
select lives_ok('select private.count_requests()', 'requests of an organization that is gone are dropped');

select * from finish();
rollback;
