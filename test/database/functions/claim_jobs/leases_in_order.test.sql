-- claim_jobs(): which jobs it leases, in which order, and to whom.
begin;
select plan(18);
select tests.create_user('ada');
select tests.act_as_service();

select is_empty($$select from public.claim_jobs('never used')$$, 'a queue nobody used has no job');

select public.enqueue_job('q', 'low', p_priority => -1, p_run_at => now() - interval '1 hour');
select public.enqueue_job('q', 'second');
select public.enqueue_job('q', 'third');
select public.enqueue_job('q', 'early', p_run_at => now() - interval '1 minute');
select public.enqueue_job('q', 'high', p_priority => 5);
select public.enqueue_job('q', 'later', p_priority => 5, p_run_at => now() + interval '1 minute');
select public.enqueue_job('elsewhere', 'other');

select is((select kind from public.claim_jobs('q')), 'high', 'the highest priority comes first');
select results_eq(
  $$select kind from public.claim_jobs('q', 10)$$,
  array['early', 'second', 'third', 'low'],
  'then what is due longest, then what came first; what is not due waits'
);
select is_empty($$select from public.claim_jobs('q', 10)$$, 'a leased job is not leased again');
select results_eq($$select kind from public.claim_jobs('elsewhere')$$, array['other'], 'queues are apart');

select public.enqueue_job('fields', 'k', '{"n": 1}', p_max_attempts => 3);
create temporary table claimed as select * from public.claim_jobs('fields', 1, 30, 'worker 1');
select is((select payload from claimed), '{"n": 1}', 'a lease brings the payload');
select is((select attempts || '/' || max_attempts from claimed), '1/3', 'and counts the attempt');
select ok((select lease_token > 0 and lease_token < 9007199254740991 from claimed), 'its token is exact as a JSON number');
select is((select leased_until from claimed), now() + interval '30 seconds', 'it lasts as long as asked for');

select public.enqueue_job('many', 'k') from generate_series(1, 5);
select is((select count(*)::integer from public.claim_jobs('many', 3)), 3, 'a claim takes no more than its limit');

select throws_ok($$select public.claim_jobs('q', 0)$$, 'PT400', 'Cannot claim jobs: the limit is out of range', 'claiming nothing is refused');
select throws_ok($$select public.claim_jobs('q', 1001)$$, 'PT400', null, 'so is claiming without measure');
select throws_ok($$select public.claim_jobs('q', 1, 0)$$, 'PT400', 'Cannot lease a job for that long', 'so is a lease that ends at once');

select tests.act_as('ada');
select throws_ok($$select public.claim_jobs('q')$$, '42501', null, 'a user claims no job');
select throws_ok($$select private.claim_jobs('q')$$, '42501', null, 'not past the wrapper either');
select throws_ok($$select private.claim_job('q')$$, '42501', null, 'nor by the short way');
select throws_ok($$select private.hold_lease(1, 1)$$, '42501', null, 'and holds no lease');
select tests.act_as_anon();
select throws_ok($$select public.claim_jobs('q')$$, '42501', null, 'a visitor claims no job');

select * from finish();
rollback;
