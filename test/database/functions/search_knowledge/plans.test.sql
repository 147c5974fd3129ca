-- A search reads what it must by an index: it scans no table from end to end, and its vectors by
-- the index that the number of chunks calls for.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name) values ('Scribe');
select tests.act_as_nobody();
insert into private.embedding_models (name, dimensions) values ('one', 384);

-- Of 60 media with 20 chunks each, the agent has 40.
with added as (
  insert into public.media_library (
    organization_id, user_id, file_name, file_type, file_size, uploaded_at, generation,
    chunk_count, processing_status, embedding_model
  )
  select
    tests.organization_of('ada'), tests.user_id('ada'), n || '.txt', 'text/plain', 1, now(), 1, 20,
    'completed', 'one'
  from generate_series(1, 60) as n
  returning id, organization_id, file_name
),
chunks as (
  insert into public.media_chunks (
    organization_id, media_id, generation, chunk_index, content, char_start, char_end, tokens,
    language, content_hash
  )
  select
    organization_id, id, 1, place,
    format('The walrus of page %s, called rare%sx%s', place, place, split_part(file_name, '.', 1)),
    0, 10, 5, 'english', 'x'
  from added, generate_series(0, 19) as place
  returning id, organization_id, media_id, chunk_index
),
embeddings as (
  insert into private.media_chunk_embeddings
    (chunk_id, organization_id, media_id, generation, model_id, embedding)
  select
    id, organization_id, media_id, 1, (select models.id from private.embedding_models as models),
    array_fill(1 + chunk_index::real, array[1])::real[]
      || array_fill(1::real, array[383])
  from chunks
)
insert into public.agent_media_assignments (organization_id, agent_id, media_id)
select added.organization_id, agents.id, added.id
from added, public.agents
where split_part(added.file_name, '.', 1)::integer <= 40;
select gin_clean_pending_list('public.media_chunks_fts_idx');
analyze public.media_chunks;
analyze private.media_chunk_embeddings;
analyze public.media_library;

-- Scans that a statement begins: of a table from end to end, or of an index.
create function tests.scans(p_relation text, p_statement text)
returns bigint
language plpgsql
as $$
declare
  v_before constant bigint := pg_stat_get_xact_numscans(p_relation::regclass);
begin
  execute p_statement;
  return pg_stat_get_xact_numscans(p_relation::regclass) - v_before;
end;
$$;
create function tests.searching(p_query text)
returns text
language sql
as $$
  select format(
    'select public.search_knowledge(%L, %L, p_embedding => %L, p_embedding_model => %L)',
    (select id from public.agents), p_query, array_fill(1::real, array[384]), 'one'
  )
$$;
create function tests.skipping() returns text language sql as $$
  select format(
    'select private.nearest_chunks(%L, %L, 60, %L, %L, 10, 0)',
    (select array_agg(media_id) from public.agent_media_assignments), array_fill(1, array[40]),
    array_fill(1::real, array[384])::extensions.vector,
    (select id from private.embedding_models)
  )
$$;
set local enable_seqscan = off;

select tests.act_as('ada');
select is(
  tests.scans(relation, tests.searching(query)), 0::bigint,
  format('searching for %s reads all of %s by no means', query, relation)
)
from unnest(array[
  'public.media_chunks', 'private.media_chunk_embeddings', 'public.media_library',
  'public.agent_media_assignments'
]) as relation,
unnest(array['walrus rare7x2', 'rare7x2 -page', 'walruss']) as query;
select isnt(
  tests.scans(
    'private.media_chunk_embeddings_model_id_media_id_generation_idx', tests.searching('walrus')
  ),
  0::bigint,
  'the vectors of few chunks are read by their media'
);
select is(
  tests.scans('private.media_chunk_embeddings_embedding_idx', tests.searching('walrus')), 0::bigint,
  'and not by the index of all vectors'
);
select isnt(
  tests.scans('public.media_chunks_fts_idx', tests.searching('rare7x2')), 0::bigint,
  'words are looked up in their index'
);
select tests.act_as_nobody();
select isnt(
  tests.scans('private.media_chunk_embeddings_embedding_idx', tests.skipping()), 0::bigint,
  'the vectors of many chunks are found by the index of all'
);
select is(
  tests.scans(
    'private.media_chunk_embeddings_model_id_media_id_generation_idx', tests.skipping()
  ),
  0::bigint,
  'which is not given up for reading those of the media'
);

select * from finish();
rollback;
