-- queues_with_work(): where a worker would find something to do.
begin;
select plan(5);

select is_empty('select private.queues_with_work()', 'without jobs, nowhere');
select private.enqueue_job('later', 'k', p_run_at => now() + interval '1 hour');
select private.enqueue_job('low', 'k', p_priority => 10, p_run_at => now() + interval '1 hour');
select private.enqueue_job('low', 'k', p_priority => -10);
select private.enqueue_job('busy', 'k') from generate_series(1, 3);
select results_eq(
  'select name from private.queues_with_work() as name order by name',
  array['busy', 'low'],
  'where a job is due, also below higher priorities that are not'
);
select private.claim_jobs('busy', 10);
select results_eq('select private.queues_with_work()', array['low'], 'not where all are leased');

select tests.create_user('ada');
select tests.act_as('ada');
select throws_ok('select private.queues_with_work()', '42501', null, 'a user is not told');
select tests.act_as_service();
select throws_ok('select private.queues_with_work()', '42501', null, 'the service is told by the tick');

select * from finish();
rollback;
