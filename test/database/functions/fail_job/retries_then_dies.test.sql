-- fail_job(): another attempt after a wait, until there is none.
begin;
select plan(15);
select tests.create_user('ada');

create function tests.fail(p_retry_after_seconds integer default null, p_permanent boolean default false)
returns text
language sql
as $$
  select private.fail_job(id, lease_token, 'It broke', p_retry_after_seconds, p_permanent)
  from private.jobs
  where leased_until is not null
$$;
create function tests.wait()
returns double precision
language sql
as $$
  select extract(epoch from run_at - now())::double precision from private.jobs
$$;

select private.enqueue_job('q', 'k', p_max_attempts => 3);
select private.claim_jobs('q');
select is(tests.fail(), 'retry', 'a job that failed is tried again');
select ok(tests.wait() between 1 and 2, 'after one to two seconds at first');
select is_empty($$select from private.claim_jobs('q')$$, 'not before');
update private.jobs set run_at = now();
select private.claim_jobs('q');
select is(tests.fail(), 'retry', 'and again');
select ok(tests.wait() between 2 and 4, 'after two to four seconds');
select is((select last_error from private.jobs), 'It broke', 'keeping the last error');
update private.jobs set run_at = now();
select private.claim_jobs('q');
select is(tests.fail(), 'dead', 'the last attempt is the last');
select is((select count(*)::integer from private.jobs), 0, 'a dead job leaves the queue');

select private.enqueue_job('q', 'k');
select private.claim_jobs('q');
select is(tests.fail(p_retry_after_seconds => 90), 'retry', 'whoever refused may say how long to wait');
select is(tests.wait(), 90::double precision, 'and is listened to');
update private.jobs set run_at = now();
select private.claim_jobs('q');
select is(tests.fail(p_permanent => true), 'dead', 'what cannot succeed is not tried again');
select ok(
  (select bool_and(extract(epoch from private.job_backoff(40)) between 1800 and 3600) from generate_series(1, 50)),
  'the wait is never longer than an hour'
);

select tests.act_as_service();
select throws_ok($$select public.fail_job(1, 1, 'No')$$, 'PT409', null, 'a failure asks for the token as well');
select tests.act_as('ada');
select throws_ok($$select public.fail_job(1, 1, 'No')$$, '42501', null, 'a user fails no job');
select tests.act_as_anon();
select throws_ok($$select public.fail_job(1, 1, 'No')$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
