-- What a store is told from the first medium to the last: every chunk that was ever handed out is
-- known until the store has said that it is gone.
begin;
select plan(65);

select tests.create_user('ada');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select public.create_organization_secret(current_setting('tests.acme')::uuid, 'vectors', 'pcsk-correct-horse');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'First', 'organization'), (current_setting('tests.acme')::uuid, 'Second', 'organization');
insert into public.datastores (organization_id, name, type, config)
values (current_setting('tests.acme')::uuid, 'Index', 'pinecone', '{"host": "docs-1.svc.pinecone.io", "api_key_ref": "vectors"}');
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;
select set_config('tests.store', (select id::text from public.datastores), true);
insert into private.embedding_models (name, dimensions, is_current) values ('hashing', 384, true);

-- A medium as processing leaves it; again, a new generation beside the old one.
create function tests.publish(p_name text, p_generation integer, p_chunks integer, p_model text default 'hashing', p_visibility text default 'organization') returns void language plpgsql as $$
declare
  v_media_id uuid := md5(p_name)::uuid;
begin
  insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility)
  values (v_media_id, current_setting('tests.acme')::uuid, tests.user_id('ada'), p_name || '.pdf', 'application/pdf', 1, p_visibility)
  on conflict (id) do nothing;
  insert into public.media_chunks (id, media_id, generation, chunk_index, content, heading_path, page, char_start, char_end, tokens, content_hash)
  select md5(format('%s %s %s', p_name, p_generation, n))::uuid, v_media_id, p_generation, n, format('%s %s %s', p_name, p_generation, n), array['Leave', 'Days'], n, 0, 1, 1, ''
  from generate_series(1, p_chunks) as n;
  insert into private.media_chunk_embeddings (chunk_id, organization_id, media_id, generation, model_id, embedding)
  select media_chunks.id, media_chunks.organization_id, v_media_id, p_generation, embedding_models.id, array_fill(0.05, array[384])::real[]::extensions.vector
  from public.media_chunks, private.embedding_models
  where media_chunks.media_id = v_media_id and media_chunks.generation = p_generation and embedding_models.name = p_model;
  update public.media_library
  set generation = p_generation, embedding_model = p_model, uploaded_at = now(), processing_status = 'completed'
  where id = v_media_id;
  delete from public.media_chunks where media_id = v_media_id and generation < p_generation;
end
$$;
create function tests.assign(p_name text, p_agent text) returns void language sql as $$
  insert into public.agent_media_assignments (organization_id, agent_id, media_id)
  values (current_setting('tests.acme')::uuid, current_setting('tests.' || p_agent)::uuid, md5(p_name)::uuid)
$$;

-- A worker: it claims what the engine enqueued, and keeps what a store would.
create table tests.lease (id bigint, token bigint);
create table tests.kept (chunk_id uuid primary key, model text);
create function tests.claim() returns boolean language plpgsql as $$
begin
  perform private.enqueue_datastore_syncs();
  delete from tests.lease;
  insert into tests.lease select id, lease_token from private.claim_jobs('datastores', 1, 60, 'test');
  return exists (select from tests.lease);
end
$$;
create function tests.batch(p_limit integer default 100) returns jsonb language sql as $$
  select public.next_datastore_batch(id, token, p_limit) from tests.lease
$$;
create function tests.do(p_batch jsonb) returns void language plpgsql as $$
begin
  delete from tests.kept where chunk_id in (select (removal ->> 'chunk_id')::uuid from jsonb_array_elements(p_batch -> 'removals') as removal);
  insert into tests.kept select (chunk ->> 'chunk_id')::uuid, chunk ->> 'embedding_model' from jsonb_array_elements(p_batch -> 'chunks') as chunk
  on conflict (chunk_id) do update set model = excluded.model;
  perform public.save_datastore_batch(
    id, token,
    (select coalesce(jsonb_agg(jsonb_build_object('chunk_id', chunk -> 'chunk_id', 'external_id', chunk -> 'chunk_id')), '[]') from jsonb_array_elements(p_batch -> 'chunks') as chunk),
    array(select (removal ->> 'chunk_id')::uuid from jsonb_array_elements(p_batch -> 'removals') as removal)
  ) from tests.lease;
end
$$;
-- One whole job; the store has what it should afterwards. Tells the sizes of its batches.
create function tests.sync() returns text language plpgsql as $$
declare
  v_batch jsonb;
  v_said text[] := '{}';
begin
  if not tests.claim() then return 'no job'; end if;
  loop
    v_batch := tests.batch();
    exit when v_batch = '{"removals": [], "chunks": []}';
    v_said := v_said || format('-%s +%s', jsonb_array_length(v_batch -> 'removals'), jsonb_array_length(v_batch -> 'chunks'));
    perform tests.do(v_batch);
  end loop;
  perform public.complete_datastore_sync(id, token) from tests.lease;
  return array_to_string(v_said, ', ');
end
$$;
create function tests.holds() returns text language sql as $$
  select coalesce(string_agg(distinct media_chunks.content, ', ' order by media_chunks.content), '')
    || case when count(*) filter (where media_chunks.id is null) > 0 then format(' and %s lost', count(*) filter (where media_chunks.id is null)) else '' end
  from tests.kept left join public.media_chunks on media_chunks.id = kept.chunk_id
$$;
create function tests.known() returns bigint language sql as $$ select count(*) from private.datastore_chunks $$;

grant usage on schema tests to service_role;
grant all on all tables in schema tests to service_role;

-- A store without anything is looked at all the same.
select is(tests.sync(), '', 'a new store is looked at');
select results_eq(
  $$ select status, last_error, last_synced_at is not null from public.datastores $$, $$ values ('ready', null, true) $$,
  'and found ready'
);
select is(tests.sync(), 'no job', 'and then left in peace');

-- What is given to it.
select tests.publish('tea', 1, 3);
select tests.publish('coffee', 1, 2);
select is(tests.sync(), 'no job', 'what no agent was given stays here');
select tests.assign('tea', 'first');
select is(tests.sync(), 'no job', 'likewise what an agent without the store was given');
insert into public.agent_datastores (agent_id, datastore_id) values (current_setting('tests.first')::uuid, current_setting('tests.store')::uuid);
select is(tests.sync(), '-0 +3', 'an agent that gets a store brings its media along');
select is(tests.holds(), 'tea 1 1, tea 1 2, tea 1 3', 'all of them');
select is(tests.sync(), 'no job', 'once');
select tests.assign('coffee', 'first');
select is(tests.sync(), '-0 +2', 'what it is given later follows');
select is(tests.known(), 5::bigint, 'and all of it is known');

-- What a chunk brings along.
select tests.publish('paper', 1, 1);
select tests.assign('paper', 'first');
update public.media_library set category = 'handbooks', tags = '{leave}' where id = md5('paper')::uuid;
select ok(tests.claim(), 'another medium is another job');
select set_config('tests.batch', tests.batch()::text, true);
select is(
  (current_setting('tests.batch')::jsonb #> '{chunks,0}') - 'embedding',
  jsonb_build_object(
    'chunk_id', md5('paper 1 1')::uuid, 'media_id', md5('paper')::uuid, 'generation', 1, 'text', 'paper 1 1', 'embedding_model', 'hashing', 'is_uncertain', false, 'is_settled', true,
    'metadata', '{"name": "paper.pdf", "category": "handbooks", "tags": ["leave"], "chunk_index": 1, "page": 1, "heading": "Leave > Days"}'::jsonb
  ),
  'a chunk comes with its text and where it is from'
);
select is(jsonb_array_length(current_setting('tests.batch')::jsonb #> '{chunks,0,embedding}'), 384, 'and its embedding');

-- An attempt that breaks off.
select is(tests.known(), 6::bigint, 'what is handed out is known before it is sent');
select is(tests.batch() #>> '{chunks,0,is_uncertain}', 'true', 'handed out again, the store may have it already');
select is(tests.batch() #>> '{chunks,0,is_settled}', 'false', 'or may have it soon');
update private.datastore_chunks set handed_at = now() - interval '6 minutes';
select is(tests.batch() #>> '{chunks,0,is_settled}', 'true', 'but not for ever');
select is(tests.batch() #>> '{chunks,0,is_settled}', 'false', 'what is then sent again may be on its way again');
select lives_ok($$ select public.save_datastore_batch(id, token, p_unsent => array[md5('paper 1 1')::uuid, md5('tea 1 1')::uuid]) from tests.lease $$, 'what was never sent is said');
select is(tests.known(), 5::bigint, 'and forgotten, but nothing that is there');
select is(tests.batch() #>> '{chunks,0,is_uncertain}', 'false', 'and handed out as if for the first time');
select tests.do(tests.batch());
select is(tests.batch(), '{"removals": [], "chunks": []}', 'what was taken down is not handed out again');
select lives_ok('select public.complete_datastore_sync(id, token) from tests.lease', 'and the job is done');
select throws_ok('select tests.batch()', 'PT409', null, 'a job that is done hands out nothing');
select throws_ok('select public.save_datastore_batch(id, token) from tests.lease', 'PT409', null, 'and takes nothing down');
select throws_ok('select public.complete_datastore_sync(id, token) from tests.lease', 'PT409', null, 'and is not done twice');

-- A new generation.
select tests.publish('tea', 2, 2);
select ok(tests.claim(), 'a new generation is a job');
select is(tests.batch() -> 'removals', '[]', 'the old one stays');
select tests.do(tests.batch(1));
select is(tests.batch() -> 'removals', '[]', 'until the new one is there completely');
select tests.do(tests.batch());
select is(jsonb_array_length(tests.batch() -> 'removals'), 3, 'then it leaves, although its chunks are gone here');
select tests.do(tests.batch());
select public.complete_datastore_sync(id, token) from tests.lease;
select is(tests.holds(), 'coffee 1 1, coffee 1 2, paper 1 1, tea 2 1, tea 2 2', 'and the store has the new one');

-- Another model.
insert into private.embedding_models (name, dimensions) values ('finer', 384);
insert into private.media_chunk_embeddings (chunk_id, organization_id, media_id, generation, model_id, embedding)
select media_chunks.id, media_chunks.organization_id, media_id, generation, embedding_models.id, array_fill(0.05, array[384])::real[]::extensions.vector
from public.media_chunks, private.embedding_models where media_chunks.media_id = md5('tea')::uuid and embedding_models.name = 'finer';
update public.media_library set embedding_model = 'finer' where id = md5('tea')::uuid;
select is(tests.sync(), '-0 +2', 'vectors of another model replace those of the old one');
select results_eq(
  $$ select model, count(*) from tests.kept group by model order by model $$, $$ values ('finer', 2::bigint), ('hashing', 3) $$,
  'of that medium alone'
);

-- What leaves.
select tests.act_as('ada');
select public.archive_media(md5('coffee')::uuid);
select tests.act_as_nobody();
select is(tests.sync(), '-2 +0', 'an archived medium leaves');
select tests.act_as('ada');
select public.restore_media(md5('coffee')::uuid);
select tests.act_as_nobody();
select is(tests.sync(), '-0 +2', 'and comes back when it is restored');
update public.media_library set visibility = 'personal' where id = md5('coffee')::uuid;
select is(tests.sync(), '-2 +0', 'one that becomes personal leaves');
update public.media_library set visibility = 'organization' where id = md5('coffee')::uuid;
select tests.claim();
update public.media_library set visibility = 'personal' where id = md5('coffee')::uuid;
select is(tests.batch(), '{"removals": [], "chunks": []}', 'one that becomes personal while its sync is under way is not sent any more');
update public.media_library set visibility = 'organization', is_archived = true where id = md5('coffee')::uuid;
select is(tests.batch(), '{"removals": [], "chunks": []}', 'nor is one that was archived meanwhile');
update public.media_library set is_archived = false where id = md5('coffee')::uuid;
select is(jsonb_array_length(tests.batch() -> 'chunks'), 2, 'it is again when it is shared again');
update public.media_library set visibility = 'personal' where id = md5('coffee')::uuid;
select public.complete_datastore_sync(id, token) from tests.lease;
select is(tests.sync(), '-2 +0', 'and what may have arrived leaves');
select tests.act_as('ada');
select public.unassign_media_from_agent(current_setting('tests.first')::uuid, md5('paper')::uuid);
select tests.act_as_nobody();
select is(tests.sync(), '-1 +0', 'one that is taken from the agent leaves');
select is(tests.holds(), 'tea 2 1, tea 2 2', 'the others stay');
select tests.act_as('ada');
delete from public.media_library where id = md5('tea')::uuid;
select tests.act_as_nobody();
select is(tests.known(), 2::bigint, 'of a medium that was deleted the store still has chunks');
select is(tests.sync(), '-2 +0', 'which leave');
select is((select count(*) from tests.kept), 0::bigint, 'and nothing is left');
select is_empty('select media_id from private.datastore_media where wanted_generation = 0', 'and nothing is known of it any more');

-- Two agents with one medium, one store.
insert into public.agent_datastores (agent_id, datastore_id) values (current_setting('tests.second')::uuid, current_setting('tests.store')::uuid);
select tests.publish('rules', 1, 2);
select tests.assign('rules', 'first');
select tests.assign('rules', 'second');
select is(tests.sync(), '-0 +2', 'what two agents were given is kept once');
update public.agent_datastores set is_active = false where agent_id = current_setting('tests.first')::uuid;
select is(tests.sync(), 'no job', 'and stays for the other');
delete from public.agents where id = current_setting('tests.second')::uuid;
select is(tests.sync(), '-2 +0', 'until none is left');

-- Off.
update public.agent_datastores set is_active = true;
select is(tests.sync(), '-0 +2', 'back again');
update public.datastores set is_active = false;
select tests.publish('rules', 2, 2);
select is(tests.sync(), '', 'a store that is off is given nothing');
select is(tests.sync(), 'no job', 'and left in peace');
delete from public.media_library where id = md5('rules')::uuid;
select is(tests.sync(), '-2 +0', 'but what has to leave it leaves');
update public.datastores set is_active = true;
select is(tests.sync(), '', 'switched on, it is looked at');

-- A medium that is deleted while it is sent.
select tests.publish('plans', 1, 4);
select tests.assign('plans', 'first');
select ok(tests.claim(), 'a job begins');
select tests.do(tests.batch(2));
select is(jsonb_array_length(tests.batch(1) -> 'chunks'), 1, 'a chunk is on its way');
delete from public.media_library where id = md5('plans')::uuid;
select is(tests.batch(), '{"removals": [], "chunks": []}', 'of what is gone nothing more is handed out');
select public.complete_datastore_sync(id, token) from tests.lease;
select is(tests.sync(), '-3 +0', 'what was sent leaves, the one on its way too');

-- A medium without embeddings.
select tests.publish('notes', 1, 1, null);
select tests.assign('notes', 'first');
select is(tests.sync(), 'no job', 'a store of vectors has no use for a medium without');

-- Who may.
select tests.publish('last', 1, 2);
select tests.assign('last', 'first');
select ok(tests.claim(), 'a job is there');
select tests.act_as('ada');
select throws_ok('select public.next_datastore_batch(1, 1)', '42501', null, 'owners are handed out nothing');
select throws_ok('select public.save_datastore_batch(1, 1)', '42501', null, 'and take nothing down');
select tests.act_as_anon();
select throws_ok('select public.next_datastore_batch(1, 1)', '42501', null, 'visitors neither');
select tests.act_as_service();
select lives_ok('select tests.batch()', 'the service is');
select throws_ok('select public.next_datastore_batch(id, token + 1) from tests.lease', 'PT409', null, 'with the lease alone');

select * from finish();
rollback;
