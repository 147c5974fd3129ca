-- Another model has media embedded anew in the background; a medium keeps its old vectors until it
-- has all the new ones.
begin;
select plan(29);

create function tests.claim() returns void language plpgsql as $$
declare
  v_job record;
begin
  select * into strict v_job from public.claim_jobs('media', 1, 60, 'test');
  perform set_config('tests.job', v_job.id::text, true), set_config('tests.token', v_job.lease_token::text, true);
end;
$$;
create function tests.job() returns bigint language sql as $$ select current_setting('tests.job')::bigint $$;
create function tests.token() returns bigint language sql as $$ select current_setting('tests.token')::bigint $$;
create function tests.build(p_texts text[]) returns void language plpgsql as $$
begin
  perform tests.act_as_nobody();
  perform private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
  perform tests.act_as_service();
  perform tests.claim();
  perform public.start_media_processing(tests.job(), tests.token());
  perform public.save_media_chunks(
    tests.job(), tests.token(), 0,
    (
      select jsonb_agg(jsonb_build_object('content', t, 'char_start', 0, 'char_end', length(t), 'tokens', 1))
      from unnest(p_texts) as t
    ),
    '{}', 50
  );
end;
$$;
-- Embeds the next chunks.
create function tests.embed(p_model text, p_limit integer default 100) returns integer language sql as $$
  select public.save_media_embeddings(
    tests.job(), tests.token(), p_model,
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'chunk_id', chunk -> 'chunk_id',
        'embedding', (select jsonb_agg(case when n = 1 then 1 else 0 end) from generate_series(1, 384) as n)
      )), '[]')
      from jsonb_array_elements(public.read_media_chunks(tests.job(), tests.token(), p_limit)) as chunk
    ),
    80
  )
$$;
create function tests.vectors() returns text language sql as $$
  select string_agg(format('%s %s', name, count), ', ' order by name)
  from (
    select embedding_models.name, count(*)
    from private.media_chunk_embeddings join private.embedding_models on embedding_models.id = model_id
    group by embedding_models.name
  ) as counted
$$;

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at)
values ('00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt', 'text/plain', 9, now());
delete from private.jobs;

-- Read while there was no model.
select tests.build('{One.,Two.,Three.}');
select public.publish_media_generation(tests.job(), tests.token());
select throws_ok($$ select public.register_embedding_model('old', 768) $$, 'PT400', null, 'only 384 dimensions are taken');
select throws_ok($$ select public.register_embedding_model('') $$, 'PT400', null, 'and a name is needed');
select ok(public.register_embedding_model('old'), 'a model is registered');
select ok(not public.register_embedding_model('old'), 'once');
select tests.act_as_nobody();
select is(private.enqueue_media_embeddings(), 1, 'what was read before is to be embedded');
select is(private.enqueue_media_embeddings(), 0, 'once');

select tests.act_as_service();
select tests.claim();
select is(
  public.start_media_processing(tests.job(), tests.token()) ->> 'kind', 'embed_medium',
  'the worker learns that it is only to embed'
);
select is(tests.embed('old', 2), 2, 'it embeds some');
select ok(not public.publish_media_embeddings(tests.job(), tests.token()), 'as long as some are missing, they are not read');
select is((select embedding_model from public.media_library), null, 'and the medium does not say so');
select tests.act_as_nobody();
update private.media_generations set embed_at = now() where embed_at is not null;
select is(private.enqueue_media_embeddings(), 1, 'it has its turn again');
select tests.act_as_service();
select tests.claim();
select public.start_media_processing(tests.job(), tests.token());
select is(
  jsonb_array_length(public.read_media_chunks(tests.job(), tests.token(), 100)), 1,
  'what was embedded is not embedded again'
);
select is(tests.embed('old'), 3, 'with the last one');
select ok(public.publish_media_embeddings(tests.job(), tests.token()), 'they are read');
select is(
  (select format('%s %s %s', embedding_model, embedding_dimensions, processing_status) from public.media_library), 'old 384 completed',
  'and the medium says so'
);

-- Another model is configured.
select ok(public.register_embedding_model('new'), 'another model takes its place');
select tests.act_as_nobody();
select is(private.enqueue_media_embeddings(), 1, 'the medium is to be embedded anew');
select tests.act_as_service();
select tests.claim();
select public.start_media_processing(tests.job(), tests.token());
select tests.embed('new', 2);
select tests.act_as_nobody();
select is(tests.vectors(), 'new 2, old 3', 'old vectors stay beside the new ones');
select is((select embedding_model from public.media_library), 'old', 'and are the ones in use');
select tests.act_as_service();
select throws_ok($$ select tests.embed('old') $$, 'PT409', null, 'vectors of the former model are not taken any more');
select is(tests.embed('new'), 3, 'the rest comes');
select ok(public.publish_media_embeddings(tests.job(), tests.token()), 'then they change places');
select tests.act_as_nobody();
select is(tests.vectors(), 'new 3', 'and the old ones go');

-- A new version is embedded while it is built.
select tests.build('{Eins.,Zwei.}');
select tests.embed('new', 1);
select public.publish_media_generation(tests.job(), tests.token());
select is((select embedding_model from public.media_library), null, 'half the vectors are none');
select tests.act_as_nobody();
select ok((select embed_at <= now() from private.media_generations where status = 'published'), 'and the rest follows');
select tests.build('{Eins.,Zwei.}');
select tests.embed('new');
select public.publish_media_generation(tests.job(), tests.token());
select is((select embedding_model from public.media_library), 'new', 'with all of them it has them from the start');

-- No model is configured any more.
select ok(public.register_embedding_model(null), 'no model is registered either');
select tests.act_as_nobody();
select is(private.enqueue_media_embeddings(), 0, 'then nothing is embedded');
select tests.act_as('ada');
select throws_ok($$ select public.register_embedding_model('mine') $$, '42501', null, 'people register none');

select * from finish();
rollback;
