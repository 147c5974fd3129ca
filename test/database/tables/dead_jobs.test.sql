-- The table dead_jobs: what is kept of a job that failed for good.
begin;
select plan(8);

select has_table('private', 'dead_jobs', 'dead jobs exist');
select has_pk('private', 'dead_jobs', 'a dead job has an id');
select col_is_unique('private', 'dead_jobs', 'job_id', 'a job dies once');
select fk_ok('private', 'dead_jobs', 'organization_id', 'public', 'organizations', 'id');

select tests.create_user('ada');
select private.enqueue_job('q', 'k', '{"n": 1}', tests.organization_of('ada'), 3, p_dedupe_key => 'once');
select private.fail_job(id, lease_token, 'It broke', p_permanent => true) from private.claim_jobs('q');
select is(
  (select payload || jsonb_build_object('queue', queue, 'kind', kind, 'priority', priority, 'key', dedupe_key, 'error', last_error, 'attempts', attempts) from private.dead_jobs),
  '{"n": 1, "queue": "q", "kind": "k", "priority": 3, "key": "once", "error": "It broke", "attempts": 1}',
  'a dead job keeps what it was and why it died'
);
delete from public.organizations where id = tests.organization_of('ada');
select is_empty('select from private.dead_jobs', 'the dead jobs of an organization leave with it');

select tests.create_user('bob');
select tests.act_as('bob');
select throws_ok('select * from private.dead_jobs', '42501', null, 'a user reads no dead job');
select tests.act_as_service();
select throws_ok('select * from private.dead_jobs', '42501', null, 'the service reads dead jobs through functions only');

select * from finish();
rollback;
