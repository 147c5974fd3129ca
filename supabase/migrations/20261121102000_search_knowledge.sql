-- Searching what an agent was given to know. One call finds passages by words and by vectors, and
-- puts the two rankings together by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009).
--
-- Which media take part is decided first, for the user who asks: assigned to the agent, readable by
-- them, not archived, in the generation that agents read. Everything after looks into those alone.
-- Their chunks are counted exactly, so it is known beforehand whether reading all of their vectors
-- is quick, or only an index that skips through everybody's can be.

-- The media that take part in a search. The function decides for the user it is given.
-- Errors: PT404 agent_not_found, PT400 knowledge_filters_invalid.
create function private.searched_media(p_agent_id uuid, p_user_id uuid, p_filters jsonb)
returns setof public.media_library
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_filters constant jsonb := coalesce(nullif(p_filters, 'null'), '{}');
  v_is_valid boolean;
  v_tags text[];
  v_media_ids uuid[];
  v_assignment_type public.assignment_type;
  v_created_after timestamptz;
  v_created_before timestamptz;
  v_channel_id uuid;
  v_is_alone boolean := true;
begin
  if not coalesce(private.can_run_agent(p_agent_id, p_user_id), false) then
    raise sqlstate 'PT404' using
      message = 'No agent with that id that you may run',
      detail = 'agent_not_found',
      hint = 'It must be on, and you need agents.run in its organization.';
  end if;

  v_is_valid := case
    when jsonb_typeof(v_filters) <> 'object' then false
    else v_filters - array[
        'tags', 'category', 'media_ids', 'assignment_type', 'created_after', 'created_before',
        'visibility', 'channel_id'
      ] = '{}'
      and coalesce(v_filters ->> 'visibility', 'organization') in ('organization', 'personal')
      and coalesce(jsonb_typeof(v_filters -> 'tags'), 'array') = 'array'
      and coalesce(jsonb_typeof(v_filters -> 'media_ids'), 'array') = 'array'
      and not exists (
        select
        from jsonb_each(v_filters - array['tags', 'media_ids']) as filter
        where jsonb_typeof(filter.value) <> 'string'
      )
  end;
  if v_is_valid then
    begin
      if v_filters ? 'tags' then
        v_tags := array(select jsonb_array_elements_text(v_filters -> 'tags'));
      end if;
      if v_filters ? 'media_ids' then
        v_media_ids := array(select jsonb_array_elements_text(v_filters -> 'media_ids')::uuid);
      end if;
      v_assignment_type := (v_filters ->> 'assignment_type')::public.assignment_type;
      v_created_after := (v_filters ->> 'created_after')::timestamptz;
      v_created_before := (v_filters ->> 'created_before')::timestamptz;
      v_channel_id := (v_filters ->> 'channel_id')::uuid;
    exception
      when data_exception then
        v_is_valid := false;
    end;
  end if;
  if not v_is_valid then
    raise sqlstate 'PT400' using
      message = 'A search has no such filter',
      detail = 'knowledge_filters_invalid',
      hint = 'p_filters may have tags and media_ids (arrays), category, assignment_type, '
        'created_after, created_before, visibility and channel_id.';
  end if;

  -- What is personal is not told where others read along, whoever asks there.
  if v_channel_id is not null then
    v_is_alone := exists (
      select
      from public.chat_channels
      join public.workspaces on workspaces.id = chat_channels.workspace_id
      where chat_channels.id = v_channel_id
        and workspaces.is_personal
        and workspaces.owner_user_id = p_user_id
    );
  end if;

  return query
    select media.*
    from private.agent_media(p_agent_id, p_user_id) as media
    where (v_tags is null or media.tags && v_tags)
      and (v_media_ids is null or media.id = any (v_media_ids))
      and (not v_filters ? 'category' or media.category = v_filters ->> 'category')
      and (not v_filters ? 'visibility' or media.visibility = v_filters ->> 'visibility')
      and (v_is_alone or media.visibility = 'organization')
      and (v_created_after is null or media.created_at >= v_created_after)
      and (v_created_before is null or media.created_at < v_created_before)
      and (
        v_assignment_type is null
        or exists (
          select
          from public.agent_media_assignments
          where agent_media_assignments.agent_id = p_agent_id
            and agent_media_assignments.media_id = media.id
            and agent_media_assignments.assignment_type = v_assignment_type
        )
      );
end;
$$;

comment on function private.searched_media(uuid, uuid, jsonb) is
  'The media that a search of a user in an agent''s knowledge looks into. Errors: agent_not_found, '
  'knowledge_filters_invalid.';

-- The chunks of some media that are nearest to a vector. Up to as many chunks as p_most_read all of
-- their vectors are read: 50,000 take some 40 ms, find exactly the nearest, and the index does not
-- find as many of them in less (see scripts/bench/vector-search.ts). Beyond, the index is gone
-- through until enough of what it comes across is of the media. In one function, as what is read of
-- a hundred chunks takes no longer than calling another.
create function private.nearest_chunks(
  p_media_ids uuid[],
  p_generations integer[],
  p_chunk_count bigint,
  p_embedding extensions.vector,
  p_model_id smallint,
  p_limit integer,
  p_most_read integer default 50000
)
returns table (chunk_id uuid, distance double precision)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = 'force_generic_plan' -- planning would take longer than reading a medium
as $$
begin
  if p_chunk_count <= p_most_read then
    -- For each medium its part of an index is read: `offset 0` keeps the planner from thinking of
    -- anything else, whatever its statistics say.
    return query
      select vectors.chunk_id, vectors.distance
      from unnest(p_media_ids, p_generations) as media (id, generation)
      cross join lateral (
        select
          embeddings.chunk_id,
          embeddings.embedding operator(extensions.<=>) p_embedding as distance
        from private.media_chunk_embeddings as embeddings
        where embeddings.model_id = p_model_id
          and embeddings.media_id = media.id
          and embeddings.generation = media.generation
        offset 0
      ) as vectors
      order by vectors.distance
      limit p_limit;
    return;
  end if;

  perform
    set_config('hnsw.ef_search', least(greatest(200, 2 * p_limit), 1000)::text, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true);

  -- A relaxed scan yields a little out of order. `case` keeps the planner from making a join of the
  -- set of media, which would lose what order there is.
  return query
    with found as materialized (
      select
        embeddings.chunk_id,
        embeddings.embedding operator(extensions.<=>) p_embedding as distance
      from private.media_chunk_embeddings as embeddings
      where embeddings.model_id = p_model_id
        and case
          when (embeddings.media_id, embeddings.generation) in (
            select media.id, media.generation
            from unnest(p_media_ids, p_generations) as media (id, generation)
          ) then true
        end
      order by embeddings.embedding operator(extensions.<=>) p_embedding
      limit 2 * p_limit
    )
    select found.chunk_id, found.distance
    from found
    order by found.distance
    limit p_limit;
end;
$$;

comment on function private.nearest_chunks(
  uuid[], integer[], bigint, extensions.vector, smallint, integer, integer
) is 'The chunks of some media, of which there are so many, that are nearest to a vector.';

-- A query for one word, as it stands.
create function private.word_query(p_word text)
returns tsquery
language sql
immutable
security invoker
set search_path = ''
as $$
  select ('''' || replace(replace(p_word, '\', '\\'), '''', '''''') || '''')::tsquery;
$$;

-- A web search in any of several languages; null when it has no word to look for.
create function private.any_language(p_languages regconfig[], p_query text)
returns tsquery
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_query tsquery;
  v_in_language tsquery;
  v_language regconfig;
begin
  foreach v_language in array p_languages loop
    v_in_language := websearch_to_tsquery(v_language, p_query);
    if numnode(v_in_language) > 0 then
      v_query := coalesce(v_query || v_in_language, v_in_language);
    end if;
  end loop;
  return v_query;
end;
$$;

-- What the words of a search come to in the languages of the media. Words in quotes must occur as
-- they stand, and words after a minus must not; of the others any may.
create function private.knowledge_query(
  p_query text,
  p_languages regconfig[],
  out words tsquery[],
  out any_of tsquery,
  out all_of tsquery,
  out quoted tsquery,
  out none_of tsquery,
  out plain text
)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_minus constant text := '(?:^|\s)-("[^"]*"|[^\s"]+)';
  v_each tsquery;
  v_part text;
begin
  plain := regexp_replace(p_query, v_minus, ' ', 'g');

  -- Beyond these, the longest words, a question says nothing new but takes its time.
  words := array(
    select private.word_query(found.word)
    from (
      select distinct word
      from unnest(p_languages) as language,
        unnest(tsvector_to_array(to_tsvector(language, plain))) as word
    ) as found
    order by char_length(found.word) desc, found.word
    limit 24
  );
  foreach v_each in array words loop
    any_of := coalesce(any_of || v_each, v_each);
  end loop;
  all_of := private.any_language(p_languages, plain);

  for v_part in select matches[1] from regexp_matches(plain, '"([^"]+)"', 'g') as matches loop
    v_each := private.any_language(p_languages, '"' || v_part || '"');
    any_of := coalesce(any_of && v_each, any_of);
    quoted := coalesce(quoted && v_each, quoted, v_each);
  end loop;
  for v_part in select matches[1] from regexp_matches(p_query, v_minus, 'g') as matches loop
    v_each := private.any_language(p_languages, v_part);
    none_of := coalesce(none_of || v_each, none_of, v_each);
  end loop;
  any_of := coalesce(any_of && !!none_of, any_of);
  all_of := coalesce(all_of && !!none_of, all_of);
end;
$$;

comment on function private.word_query(text) is 'A text search for one word, as it stands.';
comment on function private.any_language(regconfig[], text) is
  'What a web search comes to in any of several languages.';
comment on function private.knowledge_query(text, regconfig[]) is
  'What the words of a search come to: a query for each word, any of them, all of them, the '
  'quoted ones, those that must not occur, and the search without these.';

-- Chunks by their words, best first. A word weighs the more the fewer of the chunks have it
-- (as in BM25: Robertson and Zaragoza, 2009), which PostgreSQL's own ranks leave out; how often it
-- occurs, and in how long a text, counts by ts_rank(), which levels off. What is a good order was
-- measured: scripts/bench/retrieval.ts. Among many chunks those with all words are taken
-- alone, if they are enough. `case` keeps the planner from joining media first, which would read
-- all of their chunks.
create function private.chunks_by_text(
  p_media_ids uuid[],
  p_generations integer[],
  p_chunk_count bigint,
  p_words tsquery[],
  p_any_of tsquery,
  p_all_of tsquery,
  p_limit integer
)
returns table (chunk_id uuid, score double precision)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_most_ranked constant integer := 2000;
  v_matching tsquery := p_any_of;
begin
  if p_any_of is null then
    return;
  end if;

  if p_chunk_count > 10 * v_most_ranked and p_limit <= (
    select count(*)
    from (
      select
      from public.media_chunks
      where media_chunks.fts @@ p_all_of
        and media_chunks.media_id = any (p_media_ids)
      limit p_limit
    ) as having_all
  ) then
    v_matching := p_all_of;
  end if;

  return query
    with found as materialized (
      select matching.id, matching.fts
      from (
        -- Read out of its place once, and not anew by each function.
        select media_chunks.id, ts_filter(media_chunks.fts, '{a,b,c,d}') as fts
        from public.media_chunks
        where media_chunks.fts @@ v_matching
          and media_chunks.media_id = any (p_media_ids)
          and case
            when (media_chunks.media_id, media_chunks.generation) in (
              select media.id, media.generation
              from unnest(p_media_ids, p_generations) as media (id, generation)
            ) then true
          end
        offset 0
      ) as matching
      order by ts_rank(matching.fts, v_matching) desc, matching.id
      limit v_most_ranked
    ),
    hits as materialized (
      select
        found.id,
        word.number,
        ts_rank('{0.1, 0.2, 0.7, 1}', found.fts, word.query, 1) as frequency
      from found
      cross join unnest(p_words) with ordinality as word (query, number)
      where found.fts @@ word.query
    ),
    weights as (
      select
        hits.number,
        ln(1 + greatest(p_chunk_count - count(*), 0) / (count(*) + 0.5)) as weight
      from hits
      group by hits.number
    )
    select hits.id, sum(hits.frequency * weights.weight)::double precision as total
    from hits
    join weights on weights.number = hits.number
    group by hits.id
    order by total desc, hits.id
    limit p_limit;
end;
$$;

comment on function private.chunks_by_text(
  uuid[], integer[], bigint, tsquery[], tsquery, tsquery, integer
) is 'The chunks of some media in which words occur, best first.';

-- Words of the media that are like those of a search, or have them as parts: for typing errors, and
-- for languages that are written without spaces. Of very many chunks, some tell nearly all words.
create function private.similar_words(
  p_media_ids uuid[],
  p_generations integer[],
  p_query text,
  p_languages regconfig[]
)
returns tsquery[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return array(
    with asked as (
      select word
      from unnest(p_languages) as language,
        unnest(tsvector_to_array(to_tsvector(language, p_query))) as word
      where char_length(word) > 3
        or char_length(word) > 1 and octet_length(word) > char_length(word)
      group by word
      order by char_length(word) desc, word
      limit 8
    ),
    known as materialized (
      select words.word
      from ts_stat(format(
        'select media_chunks.fts from public.media_chunks '
        'where (media_chunks.media_id, media_chunks.generation) in '
        '(select * from unnest(%L::uuid[], %L::integer[])) limit 5000',
        p_media_ids, p_generations
      )) as words
    ),
    likeness as (
      select
        known.word,
        asked.word as asked_word,
        case
          when position(asked.word in known.word) > 0 then 1
          else extensions.similarity(asked.word, known.word)
        end as degree
      from asked
      cross join known
      where position(asked.word in known.word) > 0
        or char_length(known.word) between char_length(asked.word) - 4
          and char_length(asked.word) + 2
    ),
    ranked as (
      select
        likeness.word,
        likeness.degree,
        row_number() over (
          partition by likeness.asked_word
          order by likeness.degree desc, char_length(likeness.word), likeness.word
        ) as place
      from likeness
      where likeness.degree >= 0.35
    )
    select private.word_query(ranked.word)
    from ranked
    where ranked.place <= 3
    group by ranked.word
    order by max(ranked.degree) desc, ranked.word
  );
end;
$$;

comment on function private.similar_words(uuid[], integer[], text, regconfig[]) is
  'Words of some media that are like those of a search, each as a text search.';

-- The best part of a passage, as HTML: what it says is escaped, the words found are marked. Without
-- words it is the beginning.
create function private.highlight(p_content text, p_language regconfig, p_query tsquery)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select replace(replace(
    replace(replace(replace(replace(
      case
        when p_query is null then left(translate(p_content, U&'\0002\0003', ''), 300)
        else ts_headline(
          p_language,
          translate(p_content, U&'\0002\0003', ''),
          p_query,
          U&'StartSel=\0002, StopSel=\0003, MaxFragments=2, MaxWords=40, MinWords=15, '
            'FragmentDelimiter=" … "'
        )
      end,
      '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'),
    U&'\0002', '<mark>'), U&'\0003', '</mark>');
$$;

comment on function private.highlight(text, regconfig, tsquery) is
  'The part of a text in which words were found, as HTML with the words in <mark>.';

-- Passages for a question, best first. The function decides for the user it is given.
-- Errors: those of private.searched_media(); PT400 query_empty, search_limit_invalid,
-- embedding_invalid, candidates_invalid.
create function private.search_knowledge(
  p_agent_id uuid,
  p_query text,
  p_limit integer,
  p_filters jsonb,
  p_embedding real[],
  p_embedding_model text,
  p_candidates jsonb,
  p_user_id uuid
)
returns table (
  chunk_id uuid,
  media_id uuid,
  display_name text,
  file_name text,
  page integer,
  page_end integer,
  heading_path text[],
  char_start integer,
  char_end integer,
  content text,
  highlight text,
  score double precision,
  matched_by text[],
  citation jsonb
)
language plpgsql
stable
security definer -- it may be asked for other users, and nobody reads vectors
set search_path = ''
as $$
declare
  v_query constant text := left(btrim(p_query), 2000);
  v_limit constant integer := coalesce(p_limit, 10);
  -- How deep each ranking goes: what is further down in both would not come up.
  v_depth constant integer := greatest(50, 2 * v_limit);
  v_embedding extensions.vector;
  v_model_id smallint;
  v_candidates uuid[];
  v_media_ids uuid[];
  v_generations integer[];
  v_organization_id uuid;
  v_chunk_count bigint;
  v_embedded_ids uuid[];
  v_embedded_generations integer[];
  v_embedded_count bigint;
  v_languages regconfig[];
  v_words record;
  v_similar tsquery[];
  v_each tsquery;
  v_marked tsquery;
  v_by_words uuid[];
  v_by_likeness uuid[];
  v_by_vector uuid[];
begin
  if coalesce(v_query, '') = '' then
    raise sqlstate 'PT400' using
      message = 'There is nothing to search for',
      detail = 'query_empty',
      hint = 'Pass a question or words as p_query.';
  elsif v_limit not between 1 and 50 then
    raise sqlstate 'PT400' using
      message = 'A search answers between 1 and 50 passages',
      detail = 'search_limit_invalid',
      hint = 'Pass a p_limit between 1 and 50.';
  end if;
  v_embedding := private.query_embedding(p_embedding, p_embedding_model);
  v_candidates := private.candidate_ids(p_candidates);

  select
    array_agg(media.id order by media.id),
    array_agg(media.generation order by media.id),
    min(media.organization_id::text)::uuid,
    sum(media.chunk_count),
    array_agg(media.id order by media.id)
      filter (where media.embedding_model = p_embedding_model),
    array_agg(media.generation order by media.id)
      filter (where media.embedding_model = p_embedding_model),
    sum(media.chunk_count) filter (where media.embedding_model = p_embedding_model)
  into
    v_media_ids, v_generations, v_organization_id, v_chunk_count,
    v_embedded_ids, v_embedded_generations, v_embedded_count
  from private.searched_media(p_agent_id, p_user_id, p_filters) as media;

  if v_media_ids is null then
    return;
  end if;

  -- A medium is of one language, so its first chunk tells.
  v_languages := array(
    select distinct first_chunk.language::regconfig
    from unnest(v_media_ids, v_generations) as media (id, generation)
    join public.media_chunks as first_chunk
      on first_chunk.media_id = media.id
      and first_chunk.organization_id = v_organization_id
      and first_chunk.generation = media.generation
      and first_chunk.chunk_index = 0
  );
  v_words := private.knowledge_query(v_query, v_languages);
  v_marked := v_words.any_of;

  v_by_words := array(
    select found.chunk_id
    from private.chunks_by_text(
      v_media_ids, v_generations, v_chunk_count,
      v_words.words, v_words.any_of, v_words.all_of, v_depth
    ) as found
    order by found.score desc, found.chunk_id
  );
  if v_by_words = '{}' then
    v_similar := private.similar_words(v_media_ids, v_generations, v_words.plain, v_languages);
    v_marked := null;
    foreach v_each in array v_similar loop
      v_marked := coalesce(v_marked || v_each, v_each);
    end loop;
    v_marked := coalesce(v_marked && !!v_words.none_of, v_marked);
    v_by_likeness := array(
      select found.chunk_id
      from private.chunks_by_text(
        v_media_ids, v_generations, v_chunk_count, v_similar, v_marked, v_marked, v_depth
      ) as found
      order by found.score desc, found.chunk_id
    );
  end if;

  if v_candidates is not null then
    v_by_vector := array(
      select media_chunks.id
      from unnest(v_candidates) with ordinality as candidate (id, rank)
      join public.media_chunks on media_chunks.id = candidate.id
      join unnest(v_media_ids, v_generations) as media (id, generation)
        on media_chunks.media_id = media.id
        and media_chunks.generation = media.generation
      order by candidate.rank
      limit v_depth
    );
  elsif v_embedding is not null and v_embedded_ids is not null then
    select embedding_models.id
    into v_model_id
    from private.embedding_models
    where embedding_models.name = p_embedding_model;

    v_by_vector := array(
      select nearest.chunk_id
      from private.nearest_chunks(
        v_embedded_ids, v_embedded_generations, v_embedded_count, v_embedding, v_model_id, v_depth
      ) as nearest
      order by nearest.distance, nearest.chunk_id
    );
  end if;

  -- What must occur, or must not, does so for passages that are alike, too.
  if v_words.quoted is not null or v_words.none_of is not null then
    v_by_vector := array(
      select media_chunks.id
      from unnest(v_by_vector) with ordinality as alike (id, rank)
      join public.media_chunks on media_chunks.id = alike.id
      where (v_words.quoted is null or media_chunks.fts @@ v_words.quoted)
        and (v_words.none_of is null or not media_chunks.fts @@ v_words.none_of)
      order by alike.rank
    );
  end if;

  return query
    with ranked as (
      select 'text' as list, found.id, found.rank
      from unnest(v_by_words) with ordinality as found (id, rank)
      union all
      select 'trigram', found.id, found.rank
      from unnest(v_by_likeness) with ordinality as found (id, rank)
      union all
      select 'vector', found.id, found.rank
      from unnest(v_by_vector) with ordinality as found (id, rank)
    ),
    fused as (
      select
        ranked.id,
        sum(1.0::double precision / (60 + ranked.rank)) as total,
        array_agg(ranked.list order by ranked.list) as lists
      from ranked
      group by ranked.id
      order by total desc, min(ranked.rank), ranked.id
      limit v_limit
    )
    select
      chunks.id,
      media.id,
      media.display_name,
      media.file_name,
      chunks.page,
      chunks.page_end,
      chunks.heading_path,
      chunks.char_start,
      chunks.char_end,
      chunks.content,
      private.highlight(chunks.content, chunks.language::regconfig, v_marked),
      fused.total,
      fused.lists,
      jsonb_build_object(
        'media_id', media.id,
        'chunk_id', chunks.id,
        'display_name', media.display_name,
        'page', chunks.page,
        'page_end', chunks.page_end,
        'heading_path', to_jsonb(chunks.heading_path)
      )
    from fused
    join public.media_chunks as chunks on chunks.id = fused.id
    join public.media_library as media on media.id = chunks.media_id
    order by fused.total desc, chunks.media_id, chunks.chunk_index;
end;
$$;

comment on function private.search_knowledge(
  uuid, text, integer, jsonb, real[], text, jsonb, uuid
) is
  'What an agent''s media say to a question of a user, best first. Errors: agent_not_found, '
  'knowledge_filters_invalid, query_empty, search_limit_invalid, embedding_invalid, '
  'candidates_invalid.';

-- The vector of a question; null for none. Errors: PT400 embedding_invalid.
create function private.query_embedding(p_embedding real[], p_embedding_model text)
returns extensions.vector
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_embedding is null then
    return null;
  elsif p_embedding_model is null
    or cardinality(p_embedding) <> 384
    or array_ndims(p_embedding) <> 1
    or array_position(p_embedding, null) is not null
    or not exists (select from unnest(p_embedding) as number where number <> 0)
    or exists (
      select from unnest(p_embedding) as number where number in ('NaN', 'Infinity', '-Infinity')
    )
  then
    raise sqlstate 'PT400' using
      message = 'That is no embedding of a question',
      detail = 'embedding_invalid',
      hint = 'Pass 384 numbers, not all of them 0, with the name of their model.';
  end if;
  return p_embedding::extensions.vector;
end;
$$;

-- What an external store found, best first, each once; null for none.
-- Errors: PT400 candidates_invalid.
create function private.candidate_ids(p_candidates jsonb)
returns uuid[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if coalesce(p_candidates, 'null') = 'null' then
    return null;
  end if;
  -- What is no array is refused by reading it as one.
  return array(
    select (candidate ->> 'chunk_id')::uuid as id
    from jsonb_array_elements(p_candidates) as candidate
    group by id
    order by min((candidate ->> 'rank')::integer), id
    limit 500
  );
exception
  when data_exception then
    raise sqlstate 'PT400' using
      message = 'Those are no candidates of a search',
      detail = 'candidates_invalid',
      hint = 'Pass an array of objects with chunk_id and rank.';
end;
$$;

comment on function private.query_embedding(real[], text) is
  'The vector of a question. Errors: embedding_invalid.';
comment on function private.candidate_ids(jsonb) is
  'The chunks that an external store found, best first. Errors: candidates_invalid.';

create function public.search_knowledge(
  p_agent_id uuid,
  p_query text,
  p_limit integer default 10,
  p_filters jsonb default '{}',
  p_embedding real[] default null,
  p_embedding_model text default null,
  p_candidates jsonb default null,
  p_user_id uuid default null
)
returns table (
  chunk_id uuid,
  media_id uuid,
  display_name text,
  file_name text,
  page integer,
  page_end integer,
  heading_path text[],
  char_start integer,
  char_end integer,
  content text,
  highlight text,
  score double precision,
  matched_by text[],
  citation jsonb
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
    select found.*
    from private.search_knowledge(
      p_agent_id, p_query, p_limit, p_filters, p_embedding, p_embedding_model, p_candidates,
      private.require_actor(coalesce(p_user_id, auth.uid()))
    ) as found;
end;
$$;

comment on function public.search_knowledge(
  uuid, text, integer, jsonb, real[], text, jsonb, uuid
) is
  'What the media assigned to an agent say to a question, best first: passages that the user may '
  'read, with highlight, score and citation. p_filters: tags, category, media_ids, '
  'assignment_type, created_after, created_before, visibility, channel_id (personal media only '
  'where the user is alone there). Words are searched always; vectors when the question''s '
  'embedding is passed with its model (the function search-knowledge does so), or what '
  'an external store found as p_candidates. The service names the user as p_user_id. Errors: '
  'agent_not_found, knowledge_filters_invalid, query_empty, search_limit_invalid, '
  'embedding_invalid, candidates_invalid, not_the_caller.';

-- What a search would look through: asked before a question is embedded for nothing.
create function private.agent_knowledge(p_agent_id uuid, p_filters jsonb, p_user_id uuid)
returns table (
  organization_id uuid,
  media_ids uuid[],
  chunk_count bigint,
  embedding_models text[]
)
language plpgsql
stable
security definer -- it may be asked for other users
set search_path = ''
as $$
declare
  v_media_ids uuid[];
  v_chunk_count bigint;
  v_models text[];
begin
  -- By itself, so that an agent that is not there is refused, too.
  select
    coalesce(array_agg(media.id order by media.id), '{}'),
    coalesce(sum(media.chunk_count), 0),
    coalesce(
      array_agg(distinct media.embedding_model) filter (where media.embedding_model is not null),
      '{}'
    )
  into v_media_ids, v_chunk_count, v_models
  from private.searched_media(p_agent_id, p_user_id, p_filters) as media;

  return query
    select agents.organization_id, v_media_ids, v_chunk_count, v_models
    from public.agents
    where agents.id = p_agent_id;
end;
$$;

comment on function private.agent_knowledge(uuid, jsonb, uuid) is
  'How much a search of a user in an agent''s knowledge looks through. Errors: agent_not_found, '
  'knowledge_filters_invalid.';

create function public.agent_knowledge(
  p_agent_id uuid,
  p_filters jsonb default '{}',
  p_user_id uuid default null
)
returns table (
  organization_id uuid,
  media_ids uuid[],
  chunk_count bigint,
  embedding_models text[]
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
    select knowledge.*
    from private.agent_knowledge(
      p_agent_id, p_filters, private.require_actor(coalesce(p_user_id, auth.uid()))
    ) as knowledge;
end;
$$;

comment on function public.agent_knowledge(uuid, jsonb, uuid) is
  'What search_knowledge() would look through for the user: the media, how many chunks they have, '
  'and the models that embedded them. One row. The service names the user as p_user_id. Errors: '
  'agent_not_found, knowledge_filters_invalid, not_the_caller.';

grant execute on function
  private.search_knowledge(uuid, text, integer, jsonb, real[], text, jsonb, uuid),
  public.search_knowledge(uuid, text, integer, jsonb, real[], text, jsonb, uuid),
  private.agent_knowledge(uuid, jsonb, uuid),
  public.agent_knowledge(uuid, jsonb, uuid)
to authenticated, service_role;
