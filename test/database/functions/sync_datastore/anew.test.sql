begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('mia');
select tests.create_user('ben');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'mia', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'ben', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'sue', 'admin', 'suspended');
select public.create_organization_secret(current_setting('tests.acme')::uuid, 'zep', 'z_correct-horse');
insert into public.datastores (organization_id, name, type, config)
values (current_setting('tests.acme')::uuid, 'Graph', 'getzep', '{"graph_id": "docs", "api_key_ref": "zep"}');
insert into public.datastores (organization_id, name, type) values (current_setting('tests.acme')::uuid, 'Built in', 'postgres');
select tests.act_as_nobody();
select set_config('tests.graph', (select id::text from public.datastores where name = 'Graph'), true);
select set_config('tests.built_in', (select id::text from public.datastores where name = 'Built in'), true);
insert into private.datastore_media (place_id, media_id, wanted_generation, stored_generation, is_due) values (current_setting('tests.graph')::uuid, md5('tea')::uuid, 1, 1, false);
insert into private.datastore_chunks (place_id, chunk_id, media_id, generation, external_id, stored_at)
values (current_setting('tests.graph')::uuid, md5('1')::uuid, md5('tea')::uuid, 1, 'episode 1', now());
update private.datastore_places set is_sync_due = false, failures = 7, retry_at = now() + interval '1 hour';

create function tests.ask(p_more text default '') returns text language sql as $$
  select format('select public.sync_datastore(%L%s)', current_setting('tests.graph'), p_more)
$$;

select tests.act_as('eve');
select throws_ok(tests.ask(), 'PT404', null, 'a stranger does not learn that it is there');
select tests.act_as('sue');
select throws_ok(tests.ask(), 'PT404', null, 'nor who is suspended');
select tests.act_as('ben');
select throws_ok(tests.ask(), 'PT403', null, 'a member may not');
select throws_ok(format('select public.sync_datastore(%L)', gen_random_uuid()), 'PT404', null, 'what is not there is not found');
select tests.act_as_anon();
select throws_ok(tests.ask(), '42501', null, 'visitors may not ask');
select tests.act_as('mia');
select is((public.sync_datastore(current_setting('tests.built_in')::uuid)).name, 'Built in', 'the built-in store is always in sync');
select lives_ok(tests.ask(), 'a manager may');
select tests.act_as_nobody();
select results_eq('select failures, retry_at <= now(), is_sync_due from private.datastore_places', $$ values (0, true, true) $$, 'it is asked at once');
select is((select count(*) from private.datastore_media where is_due), 0::bigint, 'and what it has stays');
select is(private.enqueue_datastore_syncs(), 1, 'by a job');

-- Anew.
update private.datastore_media set is_due = false, wanted_generation = 1;
select tests.act_as('mia');
select lives_ok(tests.ask(', true'), 'a manager has everything sent again');
select tests.act_as_nobody();
select results_eq('select stored_generation, is_due from private.datastore_media', $$ values (0, true) $$, 'every medium is due');
select results_eq(
  'select external_id, stored_at from private.datastore_chunks', $$ values ('episode 1', null::timestamptz) $$,
  'and what may be there still is not forgotten'
);

-- What was overlooked is found within the hour.
update private.datastore_media set wanted_generation = 7, is_due = false;
update private.datastore_places set planned_at = now() - interval '59 minutes';
select private.enqueue_datastore_syncs();
select is((select wanted_generation from private.datastore_media), 7, 'a store is worked out as a whole');
update private.datastore_places set planned_at = now() - interval '61 minutes';
select private.enqueue_datastore_syncs();
select is((select wanted_generation from private.datastore_media), 0, 'every hour');

select * from finish();
rollback;
