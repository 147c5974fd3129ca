-- release_job(): a worker that stops hands its job to the next one.
begin;
select plan(6);
select tests.create_user('ada');
select tests.act_as_service();
select public.enqueue_job('q', 'k');
create temporary table lease as select * from public.claim_jobs('q');

select lives_ok($$select public.release_job(id, lease_token) from lease$$, 'a holder hands its job back');
select is((select attempts from public.claim_jobs('q')), 1, 'it is due at once, and the attempt did not count');
select throws_ok($$select public.release_job(id, lease_token) from lease$$, 'PT409', null, 'the old token is worth nothing');
select ok(
  (select jobs.lease_token > lease.lease_token from lease, public.enqueue_job('later', 'k'), lateral (select max(lease_token) as lease_token from public.claim_jobs('later')) as jobs),
  'tokens grow'
);

select tests.act_as('ada');
select throws_ok($$select public.release_job(1, 1)$$, '42501', null, 'a user hands nothing back');
select tests.act_as_anon();
select throws_ok($$select public.release_job(1, 1)$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
