begin;
select plan(16);

select tests.create_user('ada');
select tests.act_as('ada');
select public.create_organization_secret(tests.organization_of('ada'), 'zep', 'z_correct-horse');
insert into public.datastores (name, type, config) values ('Graph', 'getzep', '{"graph_id": "docs", "api_key_ref": "zep"}');
select tests.act_as_nobody();

create table tests.lease (id bigint, token bigint);
create function tests.claim() returns bigint language sql as $$
  select private.enqueue_datastore_syncs();
  delete from tests.lease;
  insert into tests.lease select id, lease_token from private.claim_jobs('datastores', 1, 60, 'test');
  select count(*) from tests.lease;
$$;
create function tests.fail(p_after integer default null) returns interval language plpgsql as $$
begin
  update private.datastore_places set retry_at = now();
  perform tests.claim();
  return (select public.fail_datastore_sync(id, token, 'Zep limits how often it is asked.', p_after) - clock_timestamp() from tests.lease);
end
$$;

select ok((select waits between interval '7 seconds' and interval '13 seconds' from tests.fail() as waits), 'a store that failed is asked again soon');
select results_eq(
  'select status, last_error, last_synced_at from public.datastores', $$ values ('error', 'Zep limits how often it is asked.', null::timestamptz) $$,
  'and why is written down'
);
select is((select count(*) from private.jobs where queue = 'datastores'), 0::bigint, 'its job is done');
select is(tests.claim(), 0::bigint, 'and none is added before its time');
select ok((select waits between interval '14 seconds' and interval '26 seconds' from tests.fail() as waits), 'the next time it is longer');
select ok((select waits between interval '9 minutes' and interval '11 minutes' from tests.fail(600) as waits), 'and as long as the store says');
select ok(tests.fail(1000000) <= interval '1 day', 'but not for ever');
select tests.fail() from generate_series(1, 12);
select ok((select waits between interval '40 minutes' and interval '80 minutes' from tests.fail() as waits), 'without a word from it an hour at most');

update private.datastore_places set retry_at = now();
select tests.claim();
select public.save_datastore_batch(id, token, p_unsent => array[gen_random_uuid()]) from tests.lease;
select isnt((select failures from private.datastore_places), 0, 'one that took nothing waits as before');
select public.save_datastore_batch(id, token, p_removed => array[gen_random_uuid()]) from tests.lease;
select is((select failures from private.datastore_places), 0, 'one that gets on begins anew');
select public.complete_datastore_sync(id, token) from tests.lease;
select results_eq('select status, last_error from public.datastores', $$ values ('ready', null::text) $$, 'what went wrong is over when it went well');

-- What is changed may mend it.
select tests.fail() from generate_series(1, 5);
select tests.act_as('ada');
select public.create_organization_secret(tests.organization_of('ada'), 'zep-new', 'z_another-horse');
update public.datastores set config = config || '{"api_key_ref": "zep-new"}';
select tests.act_as_nobody();
select is(tests.claim(), 1::bigint, 'another key is tried at once');
select throws_ok('select public.fail_datastore_sync(id, token + 1, ''x'') from tests.lease', 'PT409', null, 'only the holder of the lease says that it failed');

-- A worker that dies leaves no store behind.
update private.jobs set leased_until = now() - interval '1 minute', attempts = max_attempts where queue = 'datastores';
select private.return_expired_leases();
select is((select count(*) from private.dead_jobs where queue = 'datastores'), 1::bigint, 'a job whose workers died is dead');
update private.datastore_places set retry_at = now();
select is(tests.claim(), 1::bigint, 'but the store has another');

select tests.act_as('ada');
select throws_ok('select public.fail_datastore_sync(1, 1, ''x'')', '42501', null, 'it is not for people');

select * from finish();
rollback;
