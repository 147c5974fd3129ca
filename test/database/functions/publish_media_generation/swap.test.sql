-- A generation is read from the moment it is published, and not before; one that fails leaves what
-- was read before in its place.
begin;
select plan(25);

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
create function tests.save(p_texts text[]) returns void language sql as $$
  select public.save_media_chunks(
    tests.job(), tests.token(), 0,
    (
      select coalesce(jsonb_agg(jsonb_build_object('content', t, 'char_start', 0, 'char_end', length(t), 'tokens', 1)), '[]')
      from unnest(p_texts) as t
    ),
    '{}', 50
  )
$$;
-- Begins to read the medium, up to its chunks.
create function tests.build(p_texts text[]) returns void language plpgsql as $$
begin
  perform tests.act_as_nobody();
  perform private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
  perform tests.act_as_service();
  perform tests.claim();
  perform public.start_media_processing(tests.job(), tests.token());
  perform tests.save(p_texts);
end;
$$;
create function tests.read() returns text language sql as $$
  select string_agg(content, ' ' order by chunk_index) from public.media_chunks
$$;

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, checksum)
values (
  '00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt',
  'text/plain', 9, now(), repeat('a', 64)
);
delete from private.jobs;

select tests.build('{}');
select throws_ok(
  'select public.publish_media_generation(tests.job(), tests.token())', 'PT409', null,
  'without a chunk there is nothing to publish'
);
select tests.save('{One.,Two.}');
select tests.act_as('ada');
select is(tests.read(), null, 'nothing is read before');
select tests.act_as_service();
select public.publish_media_generation(tests.job(), tests.token(), 3, 'en', repeat('b', 64));
select tests.act_as('ada');
select is(tests.read(), 'One. Two.', 'all of it is read afterwards');
select is(
  (
    select jsonb_build_array(generation, chunk_count, page_count, language, checksum, processing_status, processing_percent)
    from public.media_library
  ),
  jsonb_build_array(1, 2, 3, 'en', repeat('b', 64), 'completed', 100),
  'the medium says what it is'
);
select is((select embedding_model from public.media_library), null, 'it has no vectors, for there is no model');
select is_empty($$ select from public.media_processing_logs where status <> 'completed' $$, 'publishing is logged');
select tests.act_as_nobody();
select is_empty($$ select from private.jobs where queue = 'media' $$, 'the job is over');
select is((select embed_at from private.media_generations), null, 'and nothing is embedded later');

-- A second version.
select tests.build('{Eins.}');
select tests.act_as('ada');
select is(tests.read(), 'One. Two.', 'while another generation is built, the former is read');
select is((select chunk_count from public.media_library), 2, 'and counted');
select is((select processing_status::text from public.media_library), 'processing', 'people see that it is read anew');
select tests.act_as_service();
select public.fail_media_processing(tests.job(), tests.token(), 'extract', 'The file is broken.', 'document_broken');
select tests.act_as('ada');
select is(tests.read(), 'One. Two.', 'when it fails, the former is still read');
select is(
  (select array[processing_status::text, processing_error, chunk_count::text, generation::text] from public.media_library),
  array['failed', 'The file is broken.', '2', '1'],
  'and its owner reads why'
);
select is(
  (select details from public.media_processing_logs where status = 'failed'),
  '{"code": "document_broken", "error": "The file is broken."}'::jsonb,
  'as in the log'
);
select tests.act_as_nobody();
select is((select count(*) from public.media_chunks), 2::bigint, 'what was built is gone');
select is_empty($$ select from private.jobs where queue = 'media' $$, 'with its job');

select tests.build('{Eins.}');
select is((select processing_error from public.media_library), null, 'trying again takes the error away');
select public.publish_media_generation(tests.job(), tests.token());
select tests.act_as('ada');
select is(tests.read(), 'Eins.', 'the third takes the place of the first');
select tests.act_as_nobody();
select is((select count(*) from public.media_chunks), 1::bigint, 'whose chunks are gone');
select is(
  (select string_agg(status, ' ' order by generation) from private.media_generations),
  'superseded failed published',
  'and one generation is the published one'
);

-- Archived in the middle.
select tests.build('{Drei.}');
select tests.act_as('ada');
select public.archive_media('00000000-0000-0000-0000-000000000001');
select tests.act_as_service();
select public.publish_media_generation(tests.job(), tests.token());
select tests.act_as('ada');
select is((select processing_status::text from public.media_library), 'archived', 'what is archived meanwhile stays archived');
select is((public.restore_media('00000000-0000-0000-0000-000000000001')).processing_status::text, 'completed', 'and is completed when it comes back');

-- Many versions.
do $$
begin
  for n in 1..12 loop
    perform tests.build('{More.}');
    perform public.publish_media_generation(tests.job(), tests.token());
  end loop;
end;
$$;
select tests.act_as_nobody();
select is((select count(*) from private.media_generations), 10::bigint, 'ten generations are remembered');
select is((select count(*) from public.media_chunks), 1::bigint, 'of one there are chunks');
select tests.act_as('ada');
select throws_ok('select public.publish_media_generation(1, 1)', '42501', null, 'people publish nothing');

select * from finish();
rollback;
