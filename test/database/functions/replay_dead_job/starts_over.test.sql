-- replay_dead_job(): a dead job gets all its attempts again.
begin;
select plan(10);
select tests.create_user('ada');
select private.enqueue_job('q', 'k', '{"n": 1}', tests.organization_of('ada'), 4, p_max_attempts => 2, p_dedupe_key => 'once');
select private.fail_job(id, lease_token, 'No', p_permanent => true) from private.claim_jobs('q');
select set_config('tests.dead', id::text, true) from private.dead_jobs;

select tests.act_as_service();
select isnt(public.replay_dead_job(current_setting('tests.dead')::bigint), null, 'a replay gives the new job');
select throws_ok(
  format('select public.replay_dead_job(%s)', current_setting('tests.dead')),
  'PT404', null, 'a dead job is replayed once'
);
select is(
  (select payload || jsonb_build_object('attempts', attempts, 'max', max_attempts) from public.claim_jobs('q')),
  '{"n": 1, "attempts": 1, "max": 2}',
  'it is due at once and starts over'
);
select tests.act_as_nobody();
select is_empty('select from private.dead_jobs', 'and is dead no more');
select is((select priority::integer from private.jobs), 4, 'its priority is the old one');

select private.fail_job(id, lease_token, 'No', p_permanent => true) from private.jobs;
select set_config('tests.dead', id::text, true) from private.dead_jobs;
select set_config('tests.job', private.enqueue_job('q', 'k', p_dedupe_key => 'once')::text, true);
select tests.act_as_service();
select is(
  public.replay_dead_job(current_setting('tests.dead')::bigint),
  current_setting('tests.job')::bigint,
  'while another job has its dedupe key, that one is given'
);
select tests.act_as_nobody();
select isnt_empty('select from private.dead_jobs', 'and the dead one is kept');

select tests.act_as('ada');
select throws_ok($$select public.replay_dead_job(1)$$, '42501', null, 'a user replays nothing, not even their own');
select throws_ok($$select private.replay_dead_job(1)$$, '42501', null, 'not past the wrapper either');
select tests.act_as_anon();
select throws_ok($$select public.replay_dead_job(1)$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
