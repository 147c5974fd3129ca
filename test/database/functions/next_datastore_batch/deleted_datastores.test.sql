-- A datastore that goes, by itself or with its organization, is emptied with the key it had.
begin;
select plan(22);

select tests.create_user('ada');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select set_config('tests.key', (public.create_organization_secret(current_setting('tests.acme')::uuid, 'zep', 'z_correct-horse')).id::text, true);
insert into public.datastores (organization_id, name, type, config)
select current_setting('tests.acme')::uuid, name, 'getzep', jsonb_build_object('graph_id', name, 'api_key_ref', 'zep')
from unnest(array['full', 'going', 'empty']) as name;
insert into public.datastores (organization_id, name, type) values (current_setting('tests.acme')::uuid, 'built in', 'postgres');
select tests.act_as_nobody();

-- As syncing left them.
insert into private.datastore_media (place_id, media_id, wanted_generation, stored_generation, is_due)
select id, md5('tea')::uuid, 1, 1, false from private.datastore_places;
insert into private.datastore_chunks (place_id, chunk_id, media_id, generation, external_id, stored_at)
select datastores.id, md5(n::text)::uuid, md5('tea')::uuid, 1, case n when 1 then 'episode 1' end, case n when 1 then now() end
from public.datastores, generate_series(1, 2) as n where datastores.name in ('full', 'going');
update private.datastore_places set is_sync_due = false, failures = 3, retry_at = now() + interval '1 hour';
select set_config('tests.' || name, id::text, true) from public.datastores where name <> 'built in';

create table tests.lease (id bigint, token bigint);
create function tests.claim() returns bigint language sql as $$
  select private.enqueue_datastore_syncs();
  delete from tests.lease;
  insert into tests.lease select id, lease_token from private.claim_jobs('datastores', 1, 60, 'test');
  select count(*) from tests.lease;
$$;

select is(tests.claim(), 0::bigint, 'stores that have what they should, or wait, are left in peace');

select tests.act_as('ada');
select lives_ok(format('delete from public.datastores where id = %L', current_setting('tests.empty')), 'a datastore with nothing in it is deleted');
select tests.act_as_nobody();
select is((select count(*) from private.datastore_places where id = current_setting('tests.empty')::uuid), 0::bigint, 'and is over at once');

select tests.act_as('ada');
select lives_ok(format('delete from public.datastores where id = %L', current_setting('tests.full')), 'so is one with something in it');
select lives_ok($$ delete from public.datastores where name = 'built in' $$, 'and the built-in one');
select tests.act_as_nobody();
select is(tests.claim(), 1::bigint, 'what is in it is a job, however long it should have waited');
select is(
  (select public.datastore_sync_target(id, token) from tests.lease),
  jsonb_build_object(
    'place_id', current_setting('tests.full'), 'organization_id', null, 'type', 'getzep', 'config', '{"graph_id": "full"}'::jsonb, 'api_key', 'z_correct-horse'
  ),
  'the worker learns where, and the key'
);
select is(
  (
    select jsonb_agg(removal order by removal ->> 'external_id')
    from tests.lease, jsonb_array_elements(public.next_datastore_batch(id, token) -> 'removals') as removal
  ),
  jsonb_build_array(
    jsonb_build_object('chunk_id', md5('1')::uuid, 'external_id', 'episode 1', 'is_settled', false), jsonb_build_object('chunk_id', md5('2')::uuid, 'external_id', null, 'is_settled', false)
  ),
  'and everything that is there or may be'
);
select isnt_empty(
  $$ select from private.jobs where queue = 'datastores' and organization_id is null and payload = jsonb_build_object('place_id', current_setting('tests.full')) $$,
  'the job names the place alone'
);

-- The organization goes, and its secrets with it.
select tests.act_as('ada');
select public.delete_organization(current_setting('tests.acme')::uuid, 'Acme');
select tests.act_as_nobody();
select is((select count(*) from public.organizations where id = current_setting('tests.acme')::uuid), 0::bigint, 'an organization goes');
select results_eq(
  $$ select decrypted_secret from private.datastore_places join vault.decrypted_secrets on decrypted_secrets.id = vault_credential_id order by 1 $$,
  $$ values ('z_correct-horse'), ('z_correct-horse') $$, 'the keys of its stores stay'
);
select is_empty(
  format($$ select from private.datastore_places where datastore_places::text like '%%%s%%' $$, current_setting('tests.acme')),
  'and nothing that tells the organization'
);
select is_empty(
  format($$ select name from vault.secrets where name like '%%%s%%' $$, current_setting('tests.acme')), 'not even in Vault'
);

-- Taken away.
select lives_ok('select public.save_datastore_batch(id, token, p_removed => array[md5(''1'')::uuid, md5(''2'')::uuid]) from tests.lease', 'the store says that it is gone');
select is((select public.next_datastore_batch(id, token) from tests.lease), '{"removals": [], "chunks": []}', 'nothing is left to do');
select lives_ok('select public.complete_datastore_sync(id, token) from tests.lease', 'and the job is done');
select is((select count(*) from private.datastore_places where id = current_setting('tests.full')::uuid), 0::bigint, 'the place is over');
select is((select count(*) from vault.secrets where name like 'datastores/%'), 1::bigint, 'and its key has left Vault');
select is(tests.claim(), 1::bigint, 'the other store has its turn');
select is((select public.datastore_sync_target(id, token) ->> 'place_id' from tests.lease), current_setting('tests.going'), 'with what is in it');
select public.save_datastore_batch(id, token, p_removed => array[md5('1')::uuid, md5('2')::uuid]) from tests.lease;
select public.complete_datastore_sync(id, token) from tests.lease;
select is((select count(*) from vault.secrets), 0::bigint, 'in the end Vault is empty');
select is((select count(*) from private.datastore_places) + (select count(*) from private.datastore_media), 0::bigint, 'and so is what was known');

select * from finish();
rollback;
