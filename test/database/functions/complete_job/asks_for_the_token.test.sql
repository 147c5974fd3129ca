-- complete_job(), complete_jobs() and complete_and_claim_job(): only the holder of the lease ends a job.
begin;
select plan(16);
select tests.create_user('ada');
select tests.act_as_service();

select public.enqueue_job('q', 'k' || n) from generate_series(1, 5) as n;
create temporary table lease as select * from public.claim_jobs('q');

select throws_ok(
  $$select public.complete_job(id, lease_token + 1) from lease$$,
  'PT409', null, 'a wrong token is refused'
);
select throws_ok(
  $$select public.complete_job(id, -lease_token) from lease$$,
  'PT409', null, 'so is its negative'
);
select throws_ok($$select public.complete_job(id, null) from lease$$, 'PT409', null, 'so is none');
select lives_ok($$select public.complete_job(id, lease_token) from lease$$, 'the right token ends the job');
select throws_ok(
  $$select public.complete_job(id, lease_token) from lease$$,
  'PT409', null, 'once'
);

truncate lease;
insert into lease select * from public.claim_jobs('q');
select is(
  (select next.kind from lease, public.complete_and_claim_job(lease.id, lease.lease_token, 'q') as next),
  'k3',
  'completing and claiming in one gives the next job'
);
select throws_ok(
  $$select public.complete_and_claim_job(id, lease_token, 'q') from lease$$,
  'PT409', null, 'and asks for the token too'
);
select is(
  (select count(*)::integer from public.claim_jobs('q', 10)),
  2,
  'having claimed nothing when it refused'
);

select public.enqueue_job('first', 'k');
select is(
  (select count(*)::integer from public.complete_and_claim_job(null, null, 'first')),
  1,
  'without a job it only claims'
);

select public.enqueue_job('many', 'k') from generate_series(1, 3);
truncate lease;
insert into lease select * from public.claim_jobs('many', 3);
select is(
  public.complete_jobs(
    (select array_agg(id order by id) from lease),
    (select array_agg(lease_token + case when id = (select max(id) from lease) then 1 else 0 end order by id) from lease)
  ),
  (select array_agg(id order by id) from lease where id < (select max(id) from lease)),
  'of many, those end whose token is right'
);

select tests.act_as_nobody();
update private.jobs set leased_until = now() - interval '1 second' where queue = 'many';
select lives_ok(
  $$select private.hold_lease(id, lease_token) from lease where id in (select id from private.jobs)$$,
  'a lease that is over but not taken back still holds'
);
select private.return_expired_leases();
select throws_ok(
  $$select private.hold_lease(id, lease_token) from lease where id in (select id from private.jobs)$$,
  'PT409', null, 'once it is taken back, its holder has lost it'
);

select tests.act_as('ada');
select throws_ok($$select public.complete_job(1, 1)$$, '42501', null, 'a user ends no job');
select throws_ok($$select public.complete_jobs('{1}', '{1}')$$, '42501', null, 'nor many');
select throws_ok($$select public.complete_and_claim_job(1, 1, 'q')$$, '42501', null, 'nor claims with it');
select tests.act_as_anon();
select throws_ok($$select public.complete_job(1, 1)$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
