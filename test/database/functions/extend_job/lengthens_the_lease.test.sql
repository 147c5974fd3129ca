-- extend_job(): more time for work that goes on.
begin;
select plan(6);
select tests.create_user('ada');
select tests.act_as_service();
select public.enqueue_job('q', 'k');
create temporary table lease as select * from public.claim_jobs('q');

select is(
  (select public.extend_job(id, lease_token, 600) from lease),
  now() + interval '10 minutes',
  'a lease is lengthened from now'
);
select throws_ok($$select public.extend_job(id, lease_token + 1, 600) from lease$$, 'PT409', null, 'by its holder alone');
select throws_ok($$select public.extend_job(id, lease_token, 0) from lease$$, 'PT400', null, 'not by nothing');
select throws_ok($$select public.extend_job(id, lease_token, 86401) from lease$$, 'PT400', null, 'nor beyond a day');

select tests.act_as('ada');
select throws_ok($$select public.extend_job(1, 1, 60)$$, '42501', null, 'a user lengthens nothing');
select tests.act_as_anon();
select throws_ok($$select public.extend_job(1, 1, 60)$$, '42501', null, 'nor does a visitor');

select * from finish();
rollback;
