-- enqueue_job() and enqueue_jobs(): what gets into a queue, and whose calls count.
begin;
select plan(12);
select tests.create_user('ada');
select tests.act_as_service();

select set_config('tests.job', public.enqueue_job('q', 'k', '{"n": 1}', p_dedupe_key => 'once')::text, true);
select is(
  public.enqueue_job('q', 'k', '{"n": 2}', p_dedupe_key => 'once'),
  current_setting('tests.job')::bigint,
  'a dedupe key that is taken gives the job that has it'
);
select isnt(
  public.enqueue_job('other', 'k', p_dedupe_key => 'once'),
  current_setting('tests.job')::bigint,
  'in another queue the key is free'
);
select lives_ok(
  $$select public.complete_job(id, lease_token) from public.claim_jobs('q')$$,
  'once the job is completed'
);
select isnt(
  public.enqueue_job('q', 'k', p_dedupe_key => 'once'),
  current_setting('tests.job')::bigint,
  'the key is free again'
);
select throws_ok(
  $$select public.enqueue_job('q', 'k', p_max_attempts => 0)$$,
  'PT400', 'Cannot enqueue the job: max_attempts is a number from 1 to 100', 'a job without attempts is refused'
);

select is(
  public.enqueue_jobs('many', 'k', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[], p_dedupe_keys => array['a', 'b', 'a']),
  2,
  'of many jobs, those with a taken key are left out'
);
select results_eq(
  $$select payload ->> 'n' from public.claim_jobs('many', 10)$$,
  array['1', '2'],
  'and the others come in their order'
);
select throws_ok(
  $$select public.enqueue_jobs('many', 'k', array['{}', '{}']::jsonb[], p_dedupe_keys => array['a'])$$,
  'PT400', 'Cannot enqueue jobs: the arrays differ in length', 'arrays of different lengths are refused'
);

select tests.act_as('ada');
select throws_ok($$select public.enqueue_job('q', 'k')$$, '42501', null, 'a user adds no job');
select throws_ok($$select private.enqueue_job('q', 'k')$$, '42501', null, 'not past the wrapper either');
select throws_ok($$select public.enqueue_jobs('q', 'k', array['{}']::jsonb[])$$, '42501', null, 'nor many');
select tests.act_as_anon();
select throws_ok($$select public.enqueue_job('q', 'k')$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
