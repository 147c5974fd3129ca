-- What is found, in which order, by which words and vectors.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name) values ('Scribe');
select tests.act_as_nobody();
insert into private.embedding_models (name, dimensions) values ('one', 384), ('other', 384);

-- Nearest to the vector of that place; of the others, the lower the nearer.
create function tests.vector(p_place integer) returns real[] language sql as $$
  select array_agg(case when n = p_place then 1 else 0.1 / n end order by n)::real[]
  from generate_series(1, 384) as n
$$;

-- A medium; each chunk stands on a page and has the vector of its own place.
create function tests.add_medium(
  p_name text, p_language text, p_chunks text[], p_model text default null,
  p_tags text[] default '{}', p_category text default null, p_created_at timestamptz default now(),
  p_type public.assignment_type default 'knowledge_base', p_headings text[] default '{}'
)
returns uuid
language plpgsql
security definer
as $$
declare
  v_id constant uuid := gen_random_uuid();
  v_organization_id constant uuid := tests.organization_of('ada');
begin
  insert into public.media_library (
    id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, generation,
    chunk_count, processing_status, embedding_model, tags, category, created_at
  )
  values (
    v_id, v_organization_id, tests.user_id('ada'), p_name, 'text/plain', 10, now(), 1,
    cardinality(p_chunks), 'completed', p_model, p_tags, p_category, p_created_at
  );
  insert into public.media_chunks (
    organization_id, media_id, generation, chunk_index, content, char_start, char_end, tokens,
    language, content_hash, page, page_end, heading_path
  )
  select
    v_organization_id, v_id, 1, place - 1, content, 100 * place, 100 * place + 50, 20, p_language,
    'x', place, place, p_headings
  from unnest(p_chunks) with ordinality as chunk (content, place);
  insert into private.media_chunk_embeddings
    (chunk_id, organization_id, media_id, generation, model_id, embedding)
  select id, organization_id, media_id, 1, (
    select embedding_models.id from private.embedding_models where name = p_model
  ), tests.vector(chunk_index + 1)::extensions.vector
  from public.media_chunks
  where media_id = v_id and p_model is not null;
  insert into public.agent_media_assignments (organization_id, agent_id, media_id, assignment_type)
  select v_organization_id, agents.id, v_id, p_type from public.agents;
  return v_id;
end;
$$;

-- The places found, best first, as in "a.txt 1, b.txt 3".
create function tests.found(
  p_query text, p_filters jsonb default '{}', p_embedding real[] default null,
  p_model text default null, p_candidates jsonb default null, p_limit integer default 10
)
returns text
language sql
as $$
  select coalesce(string_agg(format('%s %s', found.file_name, found.page), ', ' order by number), '')
  from public.search_knowledge(
    (select id from public.agents), p_query, p_limit, p_filters, p_embedding, p_model, p_candidates
  ) with ordinality as found (
    chunk_id, media_id, display_name, file_name, page, page_end, heading_path, char_start,
    char_end, content, highlight, score, matched_by, citation, number
  )
$$;
-- By which lists the first was found.
create function tests.matched(
  p_query text, p_embedding real[] default null, p_candidates jsonb default null
)
returns text
language sql
as $$
  select array_to_string(matched_by, '+')
  from public.search_knowledge(
    (select id from public.agents), p_query, p_embedding => p_embedding, p_embedding_model => 'one',
    p_candidates => p_candidates
  )
  limit 1
$$;
grant execute on all functions in schema tests to public;

select tests.add_medium('travel.txt', 'english', array[
  'Employees travelling by train book second class.',
  'Hotels cost at most ninety euros, and employees keep the receipts.',
  'Employees fly only where <b>trains</b> take more than six hours & cost more.'
], 'one', '{travel,money}', 'policy', '2026-01-15', 'sop');
select tests.add_medium('urlaub.txt', 'german', array[
  'Die Mitarbeiterinnen beantragen ihren Urlaub vier Wochen vorher.',
  'Überstunden werden ausgezahlt.'
], null, '{leave}', 'guide', '2026-03-01');
select tests.add_medium('kitchen.txt', 'english', array[
  'The coffee machine is cleaned on Fridays by employees.'
], 'other', '{}', null, '2026-05-01', p_headings => array['Zebra rota', 'Kitchen']);

select tests.act_as('ada');
select is(tests.found('which hotel?'), 'travel.txt 2', 'words are found in another form');
select is(tests.found('Urlaube'), 'urlaub.txt 1', 'in the language of each medium');
select is(tests.found('zebra'), 'kitchen.txt 1', 'and in the headings above');
select is(
  split_part(tests.found('employees hotel'), ',', 1), 'travel.txt 2',
  'a word that few passages have weighs more than one that many have'
);
select is(
  split_part(tests.found('employees keep receipts'), ',', 1), 'travel.txt 2',
  'the more of the words, the better'
);
select is(
  tests.found('"second class" employees'), 'travel.txt 1', 'words in quotes must stand together'
);
select is(
  tests.found('employees -coffee') ~ 'kitchen', false, 'words after a minus must not occur'
);
select is(
  tests.found('-coffee'), '', 'also where there is nothing else to look for'
);
select is(
  tests.found('emploiees -coffee') ~ 'kitchen', false, 'also where words that are like are taken'
);
select is(tests.found('the of and'), '', 'words that say nothing find nothing');
select is(tests.found('employees', p_limit => 1) !~ ',', true, 'no more than asked for');

select is(tests.matched('hotel'), 'text', 'says that words found it');
select is(tests.found('recipts'), 'travel.txt 2', 'what is misspelt is found by likeness');
select is(tests.matched('recipts'), 'trigram', 'and says so');
select is(tests.found('ausgezahl'), 'urlaub.txt 2', 'a part of a word is found by likeness, too');
select is(
  tests.found('qwertz', p_embedding => tests.vector(2), p_model => 'one'),
  'travel.txt 2, travel.txt 1, travel.txt 3',
  'vectors are found without any word, nearest first, of the model alone'
);
select is(
  tests.found('fly', p_embedding => tests.vector(1), p_model => 'one', p_limit => 1),
  'travel.txt 3',
  'what both lists have comes before what one has'
);
select is(
  tests.matched('fly', tests.vector(3)), 'text+vector', 'and says that both found it'
);
select is(
  tests.found('"second class" qwertz', p_embedding => tests.vector(2), p_model => 'one'),
  'travel.txt 1',
  'of passages that are alike, too, words in quotes must stand together'
);
select is(
  tests.found('qwertz -trains', p_embedding => tests.vector(2), p_model => 'one') ~ 'travel.txt 3',
  false,
  'and words after a minus must not occur'
);
select is(
  tests.matched('qwertz', null, (
    select jsonb_agg(jsonb_build_object('chunk_id', id, 'rank', 1))
    from public.media_chunks where page = 2
  )),
  'vector',
  'what an external store found takes the place of vectors'
);
select is(
  tests.found('qwertz', p_candidates => (
    select jsonb_agg(jsonb_build_object('chunk_id', media_chunks.id, 'rank', 10 - chunk_index))
    from public.media_chunks join public.media_library on media_library.id = media_id
    where file_name = 'travel.txt'
  )),
  'travel.txt 3, travel.txt 2, travel.txt 1',
  'in its order'
);

select is(tests.found('employees', '{"tags": ["leave", "money"]}') ~ 'kitchen', false, 'keeps to tags');
select is(tests.found('employees', '{"category": "guide"}'), '', 'keeps to a category');
select is(
  tests.found('employees coffee Urlaub', '{"created_after": "2026-03-01", "created_before": "2026-05-01"}'),
  'urlaub.txt 1', 'keeps to a time, its beginning included and its end not'
);
select is(
  tests.found('coffee hotel', '{"assignment_type": "sop"}'), 'travel.txt 2',
  'keeps to a type of assignment'
);
select is(
  tests.found('coffee hotel', jsonb_build_object('media_ids', (
    select jsonb_agg(id) from public.media_library where file_name = 'kitchen.txt'
  ))),
  'kitchen.txt 1', 'keeps to media'
);

select is(
  (
    select highlight from public.search_knowledge((select id from public.agents), 'fly trains')
    limit 1
  ) ~ '<mark>trains</mark>.*&amp;',
  true,
  'a highlight is HTML: words are marked, all else is escaped'
);
select is(
  (
    select highlight from public.search_knowledge((select id from public.agents), 'fly trains')
    limit 1
  ) ~ '<(?!/?mark>)',
  false,
  'and no other tag comes through'
);
select is(
  (
    select highlight from public.search_knowledge(
      (select id from public.agents), 'qwertz', 1, p_embedding => tests.vector(3),
      p_embedding_model => 'one'
    )
  ),
  'Employees fly only where &lt;b&gt;trains&lt;/b&gt; take more than six hours &amp; cost more.',
  'without a word to mark, it is the beginning'
);
select is(
  (
    select citation from public.search_knowledge((select id from public.agents), 'zebra')
  ),
  (
    select jsonb_build_object(
      'media_id', media_id, 'chunk_id', media_chunks.id, 'display_name', 'kitchen.txt',
      'page', 1, 'page_end', 1, 'heading_path', '["Zebra rota", "Kitchen"]'::jsonb
    )
    from public.media_chunks where heading_path <> '{}'
  ),
  'a citation says where the passage stands'
);
select is(
  (
    select (cardinality(media_ids), chunk_count, embedding_models)::text
    from public.agent_knowledge((select id from public.agents))
  ),
  '(3,6,"{one,other}")',
  'what there is to look through is counted'
);

-- Beyond the number of chunks that are read, the index is gone through.
select tests.act_as_nobody();
create function tests.nearest(p_file_names text[], p_most_read integer)
returns text
language sql
as $$
  with media as (
    select array_agg(id order by id) as ids, array_agg(generation order by id) as generations
    from public.media_library
    where file_name = any (p_file_names)
  )
  select string_agg(format('%s %s', file_name, page), ', ' order by distance)
  from media
  cross join private.nearest_chunks(
    media.ids, media.generations, 4, tests.vector(2)::extensions.vector,
    (select embedding_models.id from private.embedding_models where name = 'one'), 2, p_most_read
  ) as nearest
  join public.media_chunks on media_chunks.id = nearest.chunk_id
  join public.media_library on media_library.id = media_chunks.media_id
$$;
select is(
  tests.nearest('{travel.txt,urlaub.txt,kitchen.txt}', most_read), 'travel.txt 2, travel.txt 1',
  format('the nearest are found, of one model alone, where up to %s are read', most_read)
)
from (values (4), (3)) as reading (most_read);
select is(
  tests.nearest('{urlaub.txt,kitchen.txt}', most_read), null,
  format('what is nearer in other media is passed by, where up to %s are read', most_read)
)
from (values (4), (3)) as reading (most_read);

select * from finish();
rollback;
