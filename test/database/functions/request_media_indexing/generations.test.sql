-- Asking for a medium to be read makes one generation and one job, however often it is asked; what is
-- under way is given up for it, and what is read stays.
begin;
select plan(19);

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
create function tests.save(p_from integer, p_texts text[], p_percent integer default 10) returns void language sql as $$
  select public.save_media_chunks(
    tests.job(), tests.token(), p_from,
    (
      select coalesce(jsonb_agg(jsonb_build_object('content', t, 'char_start', 0, 'char_end', length(t), 'tokens', 1)), '[]')
      from unnest(p_texts) as t
    ),
    '{"at": 1}', p_percent
  )
$$;
create function tests.states() returns text language sql as $$
  select string_agg(format('%s %s', generation, status), ', ' order by generation) from private.media_generations
$$;

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, object_version)
values
  ('00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt', 'text/plain', 9, now(), 'v1'),
  ('00000000-0000-0000-0000-000000000002', tests.organization_of('ada'), tests.user_id('ada'), 'b.txt', 'text/plain', 9, null, null);
delete from private.jobs;
delete from private.media_generations;

select is(
  private.request_media_indexing(array(select id from public.media_library)), 1,
  'a medium whose object never arrived is passed by'
);
select is(tests.states(), '1 pending', 'there is a generation');
select is((select count(*) from private.jobs where queue = 'media' and kind = 'index_medium'), 1::bigint, 'and a job');
select private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
select is(tests.states(), '1 pending', 'asking again while it waits adds none');
select is((select count(*) from private.jobs where queue = 'media'), 1::bigint, 'nor a job');

update public.media_library set object_version = 'v2' where file_name = 'a.txt';
select tests.act_as_service();
select tests.claim();
select is(
  public.start_media_processing(tests.job(), tests.token()) - 'storage_path' - 'organization_id',
  '{
    "kind": "index_medium", "media_id": "00000000-0000-0000-0000-000000000001", "generation": 1,
    "bucket": "media-library", "file_name": "a.txt", "file_type": "text/plain", "checkpoint": {},
    "chunk_count": 0, "embedding_model": null
  }'::jsonb,
  'the worker learns what to read'
);
select tests.act_as_nobody();
select is((select object_version from private.media_generations), 'v2', 'which is the object as it is now');
select is((select processing_status::text from public.media_library where file_name = 'a.txt'), 'processing', 'people see that it is processed');

select tests.act_as_service();
select tests.save(0, '{One.,Two.}', 40);
select is(
  public.start_media_processing(tests.job(), tests.token()) -> 'checkpoint', '{"at": 1}'::jsonb,
  'whoever starts again goes on from the checkpoint'
);
select tests.act_as_nobody();
select is((select processing_percent::integer from public.media_library where file_name = 'a.txt'), 40, 'and the percent does not go back');

-- A new version arrives in the middle.
select private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
select is(tests.states(), '1 superseded, 2 pending', 'what is under way is given up for a new generation');
select is_empty('select from public.media_chunks', 'and leaves no chunks');
select tests.act_as_service();
select throws_ok($$ select tests.save(2, '{Three.}') $$, 'PT409', null, 'its worker can save nothing more');
select is(public.start_media_processing(tests.job(), tests.token()), null, 'and has nothing to start');
select tests.act_as_nobody();
select is((select count(*) from private.jobs where queue = 'media'), 1::bigint, 'its job is over, and the other one waits');

-- The medium goes while a job for it waits.
delete from public.media_library;
select is_empty('select from private.media_generations', 'generations go with their medium');
select tests.act_as_service();
select tests.claim();
select is(public.start_media_processing(tests.job(), tests.token()), null, 'a job of a medium that is gone has nothing to do');
select throws_ok(
  'select public.start_media_processing(tests.job(), tests.token() + 1)', 'PT409', null,
  'another token is refused'
);
select tests.act_as('ada');
select throws_ok('select public.start_media_processing(1, 1)', '42501', null, 'and so are people');

select * from finish();
rollback;
