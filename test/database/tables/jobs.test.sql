-- The table jobs: what a job is, and who gets near it.
begin;
select plan(16);

select has_table('private', 'jobs', 'jobs exist');
select has_table('private', 'queues', 'queues exist');
select has_pk('private', 'jobs', 'a job has an id');
select col_not_null('private', 'jobs', 'payload', 'a job has a payload');
select fk_ok('private', 'jobs', 'organization_id', 'public', 'organizations', 'id');
select has_index('private', 'jobs', 'jobs_queue_priority_run_at_id_idx', 'claiming has its index');
select index_is_unique('private', 'jobs', 'jobs_queue_dedupe_key_key', 'a dedupe key is taken once');

insert into private.jobs (queue, kind) values ('plain', 'test');
select is(
  (select attempts || ' ' || max_attempts || ' ' || lease_token || ' ' || priority from private.jobs where queue = 'plain'),
  '0 5 0 0',
  'a new job waits with all its attempts'
);
insert into private.jobs (queue, kind, priority) values ('plain', 'test', -5), ('plain', 'test', 7), ('plain', 'test', 7);
select is(
  (select priorities from private.queues where queue = 'plain'),
  '{7,0,-5}'::smallint[],
  'a queue knows the priorities that were used, highest first'
);

select throws_ok(
  $$insert into private.jobs (queue, kind, payload) values ('q', 'k', '[]')$$,
  'PT400', 'Cannot enqueue the job: a payload is a JSON object', 'a payload that is no object is refused'
);
select throws_ok(
  $$insert into private.jobs (queue, kind, priority) values ('q', 'k', 101)$$,
  'PT400', 'Cannot enqueue the job: a priority is a number from -100 to 100', 'a priority out of range is refused'
);
select throws_ok(
  $$insert into private.jobs (queue, kind) values ('', 'k')$$,
  'PT400', 'Cannot enqueue the job: a queue has a name of 1-63 characters', 'a queue without a name is refused'
);

select tests.create_user('ada');
insert into private.jobs (queue, kind, organization_id) values ('theirs', 'test', tests.organization_of('ada'));
delete from public.organizations where id = tests.organization_of('ada');
select is(
  (select count(*)::integer from private.jobs where queue = 'theirs'),
  0,
  'the jobs of an organization leave with it'
);

select tests.act_as_service();
select throws_ok('select * from private.jobs', '42501', null, 'the service reads jobs through functions only');
select tests.create_user('bob');
select tests.act_as('bob');
select throws_ok('select * from private.jobs', '42501', null, 'a user reads no job');
select tests.act_as_anon();
select throws_ok('insert into private.jobs (queue, kind) values (''q'', ''k'')', '42501', null, 'a visitor adds no job');

select * from finish();
rollback;
