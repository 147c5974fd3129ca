-- return_expired_leases(): jobs of workers that died.
begin;
select plan(8);
select tests.create_user('ada');
select private.enqueue_job('q', 'k', p_max_attempts => 2);
select private.claim_jobs('q', 1, 60, 'seven');

select is(private.return_expired_leases(), 0, 'a lease that lasts stays');
update private.jobs set leased_until = now() - interval '1 second';
select is(private.return_expired_leases(), 1, 'one that is over is taken back');
select is((select attempts::integer from private.jobs), 1, 'its attempt counts');
select is((select last_error from private.jobs), 'The lease of attempt 1 expired (worker seven)', 'and the worker is named');
select ok((select run_at > now() from private.jobs), 'the job waits a while');

update private.jobs set run_at = now();
select private.claim_jobs('q');
update private.jobs set leased_until = now() - interval '1 second';
select private.return_expired_leases();
select is(
  (select last_error from private.dead_jobs),
  'The lease of attempt 2 expired',
  'with the last attempt the job dies'
);

select tests.act_as_service();
select throws_ok($$select private.return_expired_leases()$$, '42501', null, 'the service leaves this to the tick');
select tests.act_as('ada');
select throws_ok($$select private.return_expired_leases()$$, '42501', null, 'a user takes nothing back');

select * from finish();
rollback;
